import type { TableId, ViewState } from '../state.ts';
import { maxColumnOffset, shownColumns } from '../view-model/fit-columns.ts';
import { cellsIn } from '../view-model/layout.ts';
import { activeTable } from '../view-model/table-cursor.ts';
import { withMessage } from './messages.ts';
import type { Frame } from './transition.ts';

/** Scrolls by a column to the right (1) or the left (-1); the first column stays. */
export function scrollSideways(step: 1 | -1) {
  return (state: ViewState, frame: Frame): ViewState => {
    const id = activeTable(state);
    const width = widthOf(id, frame);
    if (width === undefined) return withMessage(state, 'there is no table here to scroll');
    const most = maxColumnOffset(frame.viewModel.table(id).columnsAndSort, width);
    const left = Math.max(0, Math.min(most, Math.min(state.columnOffsets[id], most) + step));
    return withLeft(state, id, left);
  };
}

/** Scrolls so far that the sort column is visible. */
export function withSortInView(state: ViewState, id: TableId, frame: Frame): ViewState {
  const width = widthOf(id, frame);
  const { columns, columnsAndSort } = frame.viewModel.table(id);
  const { column } = state.sorts[id];
  const all = columns.some((one) => one.id === column) ? columns : columnsAndSort;
  if (width === undefined || !all.some((one) => one.id === column)) return state;
  const isShown = (left: number) =>
    shownColumns(all, width, { sortedBy: column, wide: state.wide, left }).some(({ at }) => all[at]?.id === column);
  const places = [
    state.columnOffsets[id],
    ...Array.from({ length: maxColumnOffset(all, width) + 1 }, (_, left) => left),
  ];
  return withLeft(state, id, places.find(isShown) ?? state.columnOffsets[id]);
}

function widthOf(id: TableId, { panes }: Frame): number | undefined {
  const pane = panes.find((one) => one.id === id);
  return pane && cellsIn(pane.rect);
}

function withLeft(state: ViewState, id: TableId, left: number): ViewState {
  return { ...state, columnOffsets: { ...state.columnOffsets, [id]: left } };
}
