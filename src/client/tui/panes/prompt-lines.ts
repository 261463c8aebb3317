import { parseFilter } from '../../filter/filter.ts';
import { toCells, truncateCells } from '../../format/cells.ts';
import { graphemes } from '../../format/width.ts';
import { COMMANDS } from '../input/commands.ts';
import { completions } from '../input/completion.ts';
import type { Frame } from '../input/transition.ts';
import type { Prompt, ViewState } from '../state.ts';
import { type Line, type Span, span } from '../text/line.ts';

export interface PromptLines {
  /** The typed line with its cursor; an invalid term is underlined. */
  readonly line: Line;
  /** Above it: the error and its position, the completions, or the help. */
  readonly above: Line;
}

/** The sign, and the cells before the text. */
const SIGNS = { filter: ' /', command: ' :' } as const;

export function renderPrompt(state: ViewState, prompt: Prompt, frame: Frame, width: number): PromptLines {
  const parsed = prompt.kind === 'filter' ? parseFilter(prompt.text) : undefined;
  const error = parsed?.ok === false ? parsed : undefined;
  const text = typed(prompt);
  const before = text.find(({ start }) => start >= prompt.cursor)?.at ?? widthOf(text);
  // Long text is shown around its cursor.
  const from = Math.max(0, before - (width - SIGNS[prompt.kind].length - 1) + 2);
  const line: Span[] = [span(SIGNS[prompt.kind], 'key')];
  for (const { shown, start, at } of text) {
    if (at < from || at + shown.length > from + width - SIGNS[prompt.kind].length - 1) continue;
    if (start === prompt.cursor) line.push(span(shown === ' ' ? '█' : shown, 'cursor'));
    else line.push(span(shown, error && start >= error.start && start < error.end ? 'fault' : undefined));
  }
  if (prompt.cursor >= prompt.text.length) line.push(span('█', 'cursor'));
  if (error === undefined) return { line, above: helpLine(state, prompt, frame, width) };
  const cellOf = (place: number) => text.find(({ start }) => start >= place)?.at ?? widthOf(text);
  const place = { message: error.message, start: cellOf(error.start), end: cellOf(error.end) };
  return { line, above: pointing(place, SIGNS[prompt.kind].length - from, width) };
}

interface TypedCharacter {
  /** As many units as cells. */
  readonly shown: string;
  /** Its range in the text, and in the cells of the line. */
  readonly start: number;
  readonly at: number;
}

function typed(prompt: Prompt): readonly TypedCharacter[] {
  let [start, at] = [0, 0];
  return graphemes(prompt.text).map((character) => {
    const one = { shown: toCells(character), start, at };
    start += character.length;
    at += one.shown.length;
    return one;
  });
}

function widthOf(text: readonly TypedCharacter[]): number {
  const last = text.at(-1);
  return last === undefined ? 0 : last.at + last.shown.length;
}

/** "     ^^^ "abc" is not a port": the arrows stand above the word. */
function pointing(error: { message: string; start: number; end: number }, offset: number, width: number): Line {
  const start = Math.max(0, Math.min(width - 2, error.start + offset));
  const arrows = '▼'.repeat(Math.max(1, Math.min(width - 1, error.end + offset) - start));
  const message = toCells(error.message);
  const after = width - start - arrows.length - 2;
  if (message.length <= after || after >= start)
    return [span(' '.repeat(start)), span(arrows, 'bad'), span(` ${truncateCells(message, after)}`, 'bad')];
  const before = truncateCells(message, start - 2);
  return [span(' '.repeat(start - 1 - before.length)), span(`${before} `, 'bad'), span(arrows, 'bad')];
}

function helpLine(state: ViewState, prompt: Prompt, frame: Frame, width: number): Line {
  const { prefix, values } = completions(state, prompt, frame);
  const isBegun = prefix !== '' || prompt.kind === 'command';
  const open = isBegun ? values.filter((value) => value !== prefix) : [];
  const fitting = asManyAsFit(open, width - 8);
  if (fitting !== '') return [span(' Tab: ', 'key'), span(fitting, 'dim')];
  if (prompt.kind === 'filter') {
    const { view } = state;
    const isOfRows = view === 'problems' || view === 'agents';
    const count = isOfRows ? frame.viewModel.table(view).size : frame.viewModel.shown.length;
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
    const longer = text === '' ? toCells(value) : `${text} ${toCells(value)}`;
    if (longer.length > room) return text === '' ? '' : `${text} …`;
    text = longer;
  }
  return text;
}
