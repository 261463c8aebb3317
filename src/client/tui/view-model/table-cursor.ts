import type { PaneId, TableId, ViewState } from '../state.ts';
import type { TableView } from './table-view.ts';

export function isTablePane(pane: PaneId): pane is TableId {
  return pane !== 'graph' && pane !== 'details';
}

/** The table for sorting, copying and exporting: the one with the focus, or else the last used. */
export function activeTable({ focus, detailTarget }: ViewState): TableId {
  if (isTablePane(focus)) return focus;
  return isTablePane(detailTarget) ? detailTarget : 'connections';
}

/** Details describe the pane with the focus; details of another pane start at the top. */
export function focusOn(state: ViewState, focus: PaneId): ViewState {
  const detailTarget = isTablePane(focus) || focus === 'graph' ? focus : state.detailTarget;
  return {
    ...state,
    focus,
    detailTarget,
    detailsScroll: detailTarget === state.detailTarget ? state.detailsScroll : 0,
  };
}

/** The source of copying and exporting if only the graph is shown. */
export function isGraphShown({ view, focus, detailTarget }: ViewState): boolean {
  return (
    view === 'graph' ||
    (view === 'overview' && (focus === 'graph' || (focus === 'details' && detailTarget === 'graph')))
  );
}

/** The main table of the view, independent of the focus. */
export function exportedTable(state: ViewState): TableId {
  const { view } = state;
  if (view === 'overview') return activeTable(state);
  return view === 'graph' ? 'connections' : view;
}

/** The index of the selected row: the selection follows its row. If the row is gone, it stays at its index. */
export function selectedIndex(state: ViewState, table: TableId, data: TableView): number {
  const { key, index } = state.selections[table];
  const found = key === undefined ? -1 : data.indexOf(key);
  return Math.max(0, Math.min(data.size - 1, found >= 0 ? found : index));
}

/** Selects a row and scrolls it into view. */
export function moveCursor(state: ViewState, table: TableId, row: number, data: TableView, page: number): ViewState {
  const index = Math.max(0, Math.min(data.size - 1, row));
  const key = data.keyAt(index);
  const selection = key === undefined ? { index } : { key, index };
  const isSame = state.detailTarget === table && selectedIndex(state, table, data) === index;
  return {
    ...state,
    detailTarget: table,
    // Details of another row start at the top.
    detailsScroll: isSame ? state.detailsScroll : 0,
    selections: { ...state.selections, [table]: selection },
    scrollOffsets: {
      ...state.scrollOffsets,
      [table]: scrollOffsetFor(state.scrollOffsets[table], index, page, data.size),
    },
  };
}

/** The scroll offset closest to the current one that shows `index`. */
export function scrollOffsetFor(top: number, index: number, page: number, size: number): number {
  const least = Math.max(0, index - page + 1);
  const most = Math.max(0, Math.min(index, size - page));
  return Math.max(least, Math.min(top, Math.max(least, most)));
}
