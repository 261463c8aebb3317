import type { Derived } from '../data/derive.ts';
import { KEYMAP } from '../keys/keymap.ts';
import { isTable } from '../state/select.ts';
import type { ViewState } from '../state/state.ts';
import { type Line, lineWidth, type Span, span } from '../text/line.ts';
import { plain } from '../text/plain.ts';

const MOST_HINTS = 5;

/** What is being typed, or what is filtered and sorted, and the keys that matter here: as many as there is room for. */
export function footer(state: ViewState, derived: Derived, pending: string, width: number): Line {
  if (state.prompt !== undefined) return promptLine(state, derived);
  if (state.message !== undefined)
    return [span(` ${plain(state.message.text)}`, state.message.kind === 'error' ? 'bad' : 'good')];
  const parts: Span[] = [...shownOnly(state), ...ordered(state)];
  const left: Span[] = [span(' '), ...parts.flatMap((part, i) => (i === 0 ? [part] : [span(' · ', 'dim'), part]))];
  if (pending !== '') left.push(span(`  ${pending}`, 'warn'));
  const hints = [
    ...KEYMAP.flatMap(({ hint }) => (hint?.views.includes(state.view) ? [hint.text] : [])).slice(0, MOST_HINTS),
    '? help',
  ].map(hintSpans);
  const room = width - lineWidth(left) - 1;
  while (hints.length > 1 && hints.reduce((sum, hint) => sum + lineWidth(hint), 0) > room) hints.splice(-2, 1);
  const right = hints.flat();
  return [...left, span(' '.repeat(Math.max(0, width - 1 - lineWidth(left) - lineWidth(right)))), ...right];
}

/** "< > sort": the last word says what the keys before it do. */
function hintSpans(hint: string): Span[] {
  const space = hint.lastIndexOf(' ');
  return [span('  '), span(hint.slice(0, space), 'key'), span(hint.slice(space), 'dim')];
}

function shownOnly(state: ViewState): Span[] {
  const { filter, stateFilter, family, drill, names } = state;
  const parts: Span[] = [];
  if (drill !== undefined)
    parts.push(span(`only ${plain(drill.kind === 'node' ? drill.node : drill.label)} (c: all)`, 'warn'));
  if (filter !== '') parts.push(span(`/${plain(filter)} (Esc clears)`, 'warn'));
  if (stateFilter !== 'all') parts.push(span(stateFilter, 'warn'));
  if (family !== 0) parts.push(span(`IPv${family}`, 'warn'));
  if (!names) parts.push(span('addresses', 'warn'));
  return parts;
}

function ordered(state: ViewState): Span[] {
  const table = isTable(state.focus) ? state.focus : isTable(state.subject) ? state.subject : undefined;
  if (table === undefined) return [span(`by ${state.grouping}`, 'bar')];
  const { column, direction } = state.sorts[table];
  return [span(`by ${column} ${direction === 'ascending' ? '▲' : '▼'}`, 'bar')];
}

function promptLine(state: ViewState, derived: Derived): Line {
  const { prompt } = state;
  if (prompt === undefined) return [];
  const sign = prompt.kind === 'filter' ? '/' : ':';
  const error = prompt.kind === 'filter' ? derived.filterError : undefined;
  const line: Span[] = [span(` ${sign}`, 'key')];
  for (let at = 0; at <= prompt.text.length; at++) {
    const character = plain(prompt.text.charAt(at)) || ' ';
    if (at === prompt.cursor) line.push(span(character === ' ' ? '█' : character, 'focus'));
    else if (at < prompt.text.length)
      line.push(span(character, error && at >= error.start && at < error.end ? 'bad' : undefined));
  }
  if (error !== undefined) line.push(span(`  ${plain(error.message)}`, 'bad'));
  else if (prompt.kind === 'filter')
    line.push(span(`  ${derived.connections.length} match · Enter keeps · Esc clears`, 'dim'));
  else line.push(span('  Tab completes · Enter does it · Esc leaves', 'dim'));
  return line;
}
