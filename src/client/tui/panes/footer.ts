import { toCells } from '../../format/cells.ts';
import type { PlaybackStatus } from '../../recording/playback.ts';
import { escapeHint } from '../input/back-stack.ts';
import { KEYMAP } from '../input/keymap.ts';
import type { ViewState } from '../state.ts';
import { type Line, lineWidth, type Span, span } from '../text/line.ts';
import { activeTable } from '../view-model/table-cursor.ts';

const MAX_HINTS = 5;
const HELP = '? help';
/** While the help is shown no other keys do anything. */
const HELP_HINTS = ['j k scroll', 'Ctrl-d Ctrl-u half a page', 'q Esc ? close'];

/** The filter, the order, and the keys of this view: as many as fit. */
export function renderFooter(state: ViewState, pending: string, width: number, replay?: PlaybackStatus['state']): Line {
  if (state.question !== undefined) return [span(` ${toCells(state.question.text)} `, 'warn'), span('[y/N]', 'key')];
  if (state.message !== undefined)
    return [span(` ${toCells(state.message.text)}`, state.message.kind === 'error' ? 'bad' : 'good')];
  if (state.help) return [span(' '), ...HELP_HINTS.flatMap(hintSpans)];
  const frozen = state.frozen === undefined ? [] : [span('frozen', 'warn')];
  const only = [...frozen, ...shownOnly(state)];
  const all = [...only, ...ordered(state)];
  // The filter matters more than the order, and the help key more than both.
  const needed = all.reduce((sum, { text }) => sum + text.length + 3, 0) + HELP.length;
  const parts = only.length > 0 && needed > width ? only : all;
  const left: Span[] = [span(' '), ...parts.flatMap((part, i) => (i === 0 ? [part] : [span(' · ', 'dim'), part]))];
  if (pending !== '') left.push(span(`  ${pending}`, 'warn'));
  const hints = [
    ...[...(replay === undefined ? [] : replayHints(replay)), ...hintsOf(state, replay !== undefined)].slice(
      0,
      MAX_HINTS,
    ),
    HELP,
  ].map(hintSpans);
  const closing = escapeSpans(state);
  const room = width - lineWidth(left) - lineWidth(closing) - 1;
  while (hints.length > 1 && hints.reduce((sum, hint) => sum + lineWidth(hint), 0) > room) hints.splice(-2, 1);
  const right = [...closing, ...hints.flat()];
  return [...left, span(' '.repeat(Math.max(0, width - 1 - lineWidth(left) - lineWidth(right)))), ...right];
}

function replayHints(replay: PlaybackStatus['state']): string[] {
  return KEYMAP.flatMap(({ replayHint }) =>
    replayHint === undefined ? [] : [replayHint[replay] ?? replayHint.playing],
  );
}

function hintsOf(state: ViewState, replayed: boolean): string[] {
  return KEYMAP.flatMap(({ hint, replayHint }) =>
    hint === undefined || !hint.views.includes(state.view) || (replayed && replayHint !== undefined)
      ? []
      : [(state.frozen !== undefined && hint.frozen) || hint.text],
  );
}

/** "< > sort": the last word is the action of the keys before it. */
function hintSpans(hint: string): Span[] {
  const space = hint.lastIndexOf(' ');
  return [span('  '), span(hint.slice(0, space), 'key'), span(hint.slice(space), 'dim')];
}

/** What Esc closes; for a filter its text. */
function escapeSpans(state: ViewState): Span[] {
  const hint = escapeHint(state);
  return hint === undefined || state.layers.at(-1) === 'filter'
    ? []
    : [span('  '), span('Esc', 'key'), span(` ${hint}`, 'dim')];
}

function shownOnly(state: ViewState): Span[] {
  const { filter, stateFilter, family, drill, names, resolve, layers } = state;
  const parts: Span[] = [];
  if (drill !== undefined) parts.push(span(`only ${toCells(drill.label)} (c: all)`, 'warn'));
  if (filter !== '')
    parts.push(span(`/${toCells(filter)}${layers.at(-1) === 'filter' ? ' (Esc clears)' : ''}`, 'warn'));
  if (stateFilter !== 'all') parts.push(span(stateFilter, 'warn'));
  if (family !== 0) parts.push(span(`IPv${family}`, 'warn'));
  if (!names) parts.push(span('addresses', 'warn'));
  else if (resolve) parts.push(span('reverse DNS', 'warn'));
  return parts;
}

function ordered(state: ViewState): Span[] {
  if (state.focus === 'graph') return [span(`by ${state.grouping}`, 'bar')];
  const { column, direction } = state.sorts[activeTable(state)];
  return [span(`by ${column} ${direction === 'ascending' ? '▲' : '▼'}`, 'bar')];
}
