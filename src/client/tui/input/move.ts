import type { ViewState } from '../state.ts';
import { rowsIn } from '../view-model/layout.ts';
import { isTable, moveTo, selectedIndex } from '../view-model/table-cursor.ts';
import { walk, walkToEnd } from './graph-cursor.ts';
import { withMessage } from './messages.ts';
import type { Scene } from './transition.ts';

type Move = (state: ViewState, scene: Scene, count?: number) => ViewState;

/** Rows of a pane that is not on the screen. */
const UNSEEN_ROWS = 10;

/** By so many rows, of which `page` are shown. What is drawn bounds how far details scroll. */
export function moveBy(rows: (page: number, count: number | undefined) => number): Move {
  return (state, scene, count) => {
    const { focus } = state;
    if (focus === 'graph') {
      const steps = rows(1, count);
      return walk(state, scene.graph, steps > 0 ? 'down' : 'up', Math.abs(steps)) ?? state;
    }
    const page = pageOf(state, scene);
    if (!isTable(focus)) return { ...state, detailsTop: Math.max(0, state.detailsTop + rows(page, count)) };
    const table = scene.derived.table(focus);
    return moveTo(state, focus, selectedIndex(state, focus, table) + rows(page, count), table, page);
  };
}

/** To one end. */
export function moveToEnd(end: 'first' | 'last'): Move {
  return (state, scene) =>
    state.focus === 'graph'
      ? walkToEnd(state, scene.graph, end)
      : moveToRow(state, scene, end === 'first' ? 1 : Number.MAX_SAFE_INTEGER);
}

/** To a row, counted from 1; beyond the last it is the last. */
export function moveToRow(state: ViewState, scene: Scene, row: number): ViewState {
  const { focus } = state;
  if (focus === 'graph') return withMessage(state, 'the graph has no rows to go to');
  if (!isTable(focus)) return { ...state, detailsTop: Math.max(0, row - 1) };
  return moveTo(state, focus, Math.max(0, row - 1), scene.derived.table(focus), pageOf(state, scene));
}

function pageOf({ focus }: ViewState, { panes }: Scene): number {
  const rect = panes.find(({ id }) => id === focus)?.rect;
  if (rect === undefined) return UNSEEN_ROWS;
  return focus === 'details' ? Math.max(1, rect.height - 2) : rowsIn(rect);
}
