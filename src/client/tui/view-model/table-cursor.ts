import type { PaneId, TableId, ViewState } from '../state.ts';
import type { TableView } from './table-view.ts';

export function isTablePane(pane: PaneId): pane is TableId {
  return pane !== 'graph' && pane !== 'details';
}

/** The table that sorting, copying and exporting are about: the one with the focus, or else the one used last. */
export function activeTable({ focus, detailTarget }: ViewState): TableId {
  if (isTablePane(focus)) return focus;
  return isTablePane(detailTarget) ? detailTarget : 'connections';
}

/** The details are of what has the focus; those of another pane are read from their beginning. */
export function focusOn(state: ViewState, focus: PaneId): ViewState {
  const detailTarget = isTablePane(focus) || focus === 'graph' ? focus : state.detailTarget;
  return {
    ...state,
    focus,
    detailTarget,
    detailsScroll: detailTarget === state.detailTarget ? state.detailsScroll : 0,
  };
}

/** What copying and exporting are about where no table is shown but the graph. */
export function isGraphShown({ view, focus, detailTarget }: ViewState): boolean {
  return (
    view === 'graph' ||
    (view === 'overview' && (focus === 'graph' || (focus === 'details' && detailTarget === 'graph')))
  );
}

/** The table that the view is about, whichever pane has the focus. */
export function exportedTable(state: ViewState): TableId {
  const { view } = state;
  if (view === 'overview') return activeTable(state);
  return view === 'graph' ? 'connections' : view;
}

/** Where the selected row is now: the selection follows its row. One whose row is gone stays at its place. */
export function selectedIndex(state: ViewState, table: TableId, data: TableView): number {
  const { key, index } = state.selections[table];
  const found = key === undefined ? -1 : data.indexOf(key);
  return Math.max(0, Math.min(data.size - 1, found >= 0 ? found : index));
}

/** Moves the selection to a row, and the rows shown so that it is among them. */
export function moveCursor(state: ViewState, table: TableId, row: number, data: TableView, page: number): ViewState {
  const index = Math.max(0, Math.min(data.size - 1, row));
  const key = data.keyAt(index);
  const selection = key === undefined ? { index } : { key, index };
  const isSame = state.detailTarget === table && selectedIndex(state, table, data) === index;
  return {
    ...state,
    detailTarget: table,
    // The details of another row are read from their beginning.
    detailsScroll: isSame ? state.detailsScroll : 0,
    selections: { ...state.selections, [table]: selection },
    scrollOffsets: {
      ...state.scrollOffsets,
      [table]: scrollOffsetFor(state.scrollOffsets[table], index, page, data.size),
    },
  };
}

/** The first row to show, so that `index` is shown, moved as little as can be. */
export function scrollOffsetFor(top: number, index: number, page: number, size: number): number {
  const least = Math.max(0, index - page + 1);
  const most = Math.max(0, Math.min(index, size - page));
  return Math.max(least, Math.min(top, Math.max(least, most)));
}
