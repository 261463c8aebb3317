import { parseFilter } from '../../query/filter.ts';
import type { Scene } from '../state/act.ts';
import { COMMANDS } from '../state/commands.ts';
import { candidates } from '../state/complete.ts';
import type { Prompt, ViewState } from '../state/state.ts';
import { type Line, type Span, span } from '../text/line.ts';
import { plain, shorten } from '../text/plain.ts';

export interface PromptLines {
  /** What is being typed, with its cursor; a word that is wrong is underlined. */
  readonly line: Line;
  /** Above it: what is wrong and where, what it could become, or what it is for. */
  readonly above: Line;
}

/** The sign, and the cells before the text. */
const SIGNS = { filter: ' /', command: ' :' } as const;

export function promptLines(state: ViewState, prompt: Prompt, scene: Scene, width: number): PromptLines {
  const parsed = prompt.kind === 'filter' ? parseFilter(prompt.text) : undefined;
  const error = parsed?.ok === false ? parsed : undefined;
  const room = width - SIGNS[prompt.kind].length - 1;
  // Long text is shown around its cursor.
  const from = Math.max(0, prompt.cursor - room + 1);
  const line: Span[] = [span(SIGNS[prompt.kind], 'key')];
  for (let at = from; at <= Math.min(prompt.text.length, from + room - 1); at++) {
    const character = plain(prompt.text.charAt(at)) || ' ';
    if (at === prompt.cursor) line.push(span(character === ' ' ? '█' : character, 'cursor'));
    else if (at < prompt.text.length)
      line.push(span(character, error && at >= error.start && at < error.end ? 'fault' : undefined));
  }
  if (error === undefined) return { line, above: helpLine(state, prompt, scene, width) };
  return { line, above: pointing(error, SIGNS[prompt.kind].length - from, width) };
}

/** "     ^^^ "abc" is not a port": the arrows stand above the word. */
function pointing(error: { message: string; start: number; end: number }, offset: number, width: number): Line {
  const start = Math.max(0, Math.min(width - 2, error.start + offset));
  const arrows = '▼'.repeat(Math.max(1, Math.min(width - 1, error.end + offset) - start));
  const message = plain(error.message);
  const after = width - start - arrows.length - 2;
  if (message.length <= after || after >= start)
    return [span(' '.repeat(start)), span(arrows, 'bad'), span(` ${shorten(message, after)}`, 'bad')];
  const before = shorten(message, start - 2);
  return [span(' '.repeat(start - 1 - before.length)), span(`${before} `, 'bad'), span(arrows, 'bad')];
}

function helpLine(state: ViewState, prompt: Prompt, scene: Scene, width: number): Line {
  const { begun, values } = candidates(state, prompt, scene);
  const isBegun = begun !== '' || prompt.kind === 'command';
  const open = isBegun ? values.filter((value) => value !== begun) : [];
  const fitting = asManyAsFit(open, width - 8);
  if (fitting !== '') return [span(' Tab: ', 'key'), span(fitting, 'dim')];
  if (prompt.kind === 'filter') {
    const count = scene.derived.connections.length;
    return [
      span(
        ` ${count} match · Enter keeps it · Esc clears · text !text ns:shop port:443 state:syn_sent rate:>1M`,
        'dim',
      ),
    ];
  }
  const command = COMMANDS.find(({ name }) => name === prompt.text.split(' ')[0]);
  return [span(command === undefined ? ' Enter does it · Esc leaves' : ` :${command.name} ${command.usage}`, 'dim')];
}

function asManyAsFit(values: readonly string[], room: number): string {
  let text = '';
  for (const value of values) {
    const longer = text === '' ? plain(value) : `${text} ${plain(value)}`;
    if (longer.length > room) return text === '' ? '' : `${text} …`;
    text = longer;
  }
  return text;
}
