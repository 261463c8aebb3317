import { STATE_NAMES } from '../../../flow/state.ts';
import { fieldPrefixes } from '../../filter/help.ts';
import type { Prompt, ViewState } from '../state.ts';
import { COMMANDS } from './commands.ts';
import type { Frame } from './transition.ts';

/** Completes the text before the cursor as far as all completions agree. */
export function complete(state: ViewState, prompt: Prompt, frame: Frame): string {
  const { prefix, values } = completions(state, prompt, frame);
  const kept = prompt.text.slice(0, prompt.cursor - prefix.length);
  const [only, another] = values;
  if (only === undefined) return kept + prefix;
  // A complete value is followed by a space; a field by its value.
  if (another === undefined) return `${kept}${only}${only.endsWith(':') || prompt.kind === 'filter' ? '' : ' '}`;
  return kept + common(values, prefix);
}

export interface Completions {
  /** The typed part of the values. */
  readonly prefix: string;
  readonly values: readonly string[];
}

/** The completions of the word before the cursor. */
export function completions(state: ViewState, prompt: Prompt, frame: Frame): Completions {
  const text = prompt.text.slice(0, prompt.cursor);
  if (prompt.kind === 'filter') return filterCandidates(text, state, frame);
  const space = text.indexOf(' ');
  if (space < 0)
    return startingWith(
      text,
      COMMANDS.map(({ name }) => name),
    );
  const command = COMMANDS.find(({ name }) => name === text.slice(0, space));
  const argument = text.slice(space + 1).trimStart();
  if (command?.name === 'filter') return filterCandidates(argument, state, frame);
  return startingWith(argument, command?.values?.(state, frame) ?? []);
}

/** Fields, and the values of fields with few values. */
function filterCandidates(text: string, state: ViewState, frame: Frame): Completions {
  const word = /!?(\S*)$/.exec(text)?.[1] ?? '';
  const colon = word.indexOf(':');
  if (colon < 0) return startingWith(word, fieldPrefixes());
  const begun =
    word
      .slice(colon + 1)
      .split(',')
      .at(-1) ?? '';
  return startingWith(begun, valuesOf(word.slice(0, colon).replace(/^(from|to)\./, ''), state, frame));
}

function valuesOf(field: string, state: ViewState, frame: Frame): readonly string[] {
  if (field === 'state') return STATE_NAMES.filter((name) => name !== '').map((name) => name.toLowerCase());
  if (field === 'protocol' || field === 'proto')
    return ['tcp', 'udp', 'icmp', 'icmpv6', 'sctp', 'gre', 'dccp', 'udplite'];
  const command = COMMANDS.find(({ name }) => name === (field === 'namespace' ? 'ns' : field));
  return field === 'ns' || field === 'namespace' || field === 'node' ? (command?.values?.(state, frame) ?? []) : [];
}

function startingWith(prefix: string, values: readonly string[]): Completions {
  return { prefix, values: values.filter((value) => value.startsWith(prefix)) };
}

function common(values: readonly string[], begun: string): string {
  const [first = begun] = values;
  let length = first.length;
  for (const value of values) while (!value.startsWith(first.slice(0, length))) length--;
  return first.slice(0, length);
}
