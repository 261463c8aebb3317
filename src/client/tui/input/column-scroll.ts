import type { TableId, ViewState } from '../state.ts';
import { mostLeft, shownColumns } from '../view-model/fit-columns.ts';
import { cellsIn } from '../view-model/layout.ts';
import { shownTable } from '../view-model/table-cursor.ts';
import { withMessage } from './messages.ts';
import type { Scene } from './transition.ts';

/** A column further to the right (1) or the left (-1); the first column stays where it is. */
export function scrollSideways(step: 1 | -1) {
  return (state: ViewState, scene: Scene): ViewState => {
    const id = shownTable(state);
    const width = widthOf(id, scene);
    if (width === undefined) return withMessage(state, 'there is no table here to scroll');
    const most = mostLeft(scene.derived.table(id).laidOut, width);
    const left = Math.max(0, Math.min(most, Math.min(state.lefts[id], most) + step));
    return withLeft(state, id, left);
  };
}

/** Scrolled no further than the column that rows are now sorted by needs to be seen. */
export function withSortInView(state: ViewState, id: TableId, scene: Scene): ViewState {
  const width = widthOf(id, scene);
  const { columns, laidOut } = scene.derived.table(id);
  const { column } = state.sorts[id];
  const all = columns.some((one) => one.id === column) ? columns : laidOut;
  if (width === undefined || !all.some((one) => one.id === column)) return state;
  const isShown = (left: number) =>
    shownColumns(all, width, { sortedBy: column, wide: state.wide, left }).some(({ at }) => all[at]?.id === column);
  const places = [state.lefts[id], ...Array.from({ length: mostLeft(all, width) + 1 }, (_, left) => left)];
  return withLeft(state, id, places.find(isShown) ?? state.lefts[id]);
}

function widthOf(id: TableId, { panes }: Scene): number | undefined {
  const pane = panes.find((one) => one.id === id);
  return pane && cellsIn(pane.rect);
}

function withLeft(state: ViewState, id: TableId, left: number): ViewState {
  return { ...state, lefts: { ...state.lefts, [id]: left } };
}
