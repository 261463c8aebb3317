import type { ViewState } from '../state.ts';
import { visibleRows } from '../view-model/layout.ts';
import { isTablePane, moveCursor, selectedIndex } from '../view-model/table-cursor.ts';
import { moveSelection, selectEnd } from './graph-cursor.ts';
import { withMessage } from './messages.ts';
import type { Frame } from './transition.ts';

type Move = (state: ViewState, frame: Frame, count?: number) => ViewState;

/** The assumed height of a pane that is not on the screen. */
const UNSEEN_ROWS = 10;

/** Moves by rows, of which `page` are shown. The frame limits how far details scroll. */
export function moveBy(rows: (page: number, count: number | undefined) => number): Move {
  return (state, frame, count) => {
    const { focus } = state;
    if (focus === 'graph') {
      const steps = rows(1, count);
      return moveSelection(state, frame.graph, steps > 0 ? 'down' : 'up', Math.abs(steps)) ?? state;
    }
    const page = pageOf(state, frame);
    if (!isTablePane(focus)) return { ...state, detailsScroll: Math.max(0, state.detailsScroll + rows(page, count)) };
    const table = frame.viewModel.table(focus);
    return moveCursor(state, focus, selectedIndex(state, focus, table) + rows(page, count), table, page);
  };
}

/** Moves to the first or the last row. */
export function moveToEnd(end: 'first' | 'last'): Move {
  return (state, frame) =>
    state.focus === 'graph'
      ? selectEnd(state, frame.graph, end)
      : moveToRow(state, frame, end === 'first' ? 1 : Number.MAX_SAFE_INTEGER);
}

/** Moves to a row, counted from 1; beyond the last row it is the last. */
export function moveToRow(state: ViewState, frame: Frame, row: number): ViewState {
  const { focus } = state;
  if (focus === 'graph') return withMessage(state, 'the graph has no rows to go to');
  if (!isTablePane(focus)) return { ...state, detailsScroll: Math.max(0, row - 1) };
  return moveCursor(state, focus, Math.max(0, row - 1), frame.viewModel.table(focus), pageOf(state, frame));
}

function pageOf({ focus }: ViewState, { panes }: Frame): number {
  const rect = panes.find(({ id }) => id === focus)?.rect;
  if (rect === undefined) return UNSEEN_ROWS;
  return focus === 'details' ? Math.max(1, rect.height - 2) : visibleRows(rect);
}
