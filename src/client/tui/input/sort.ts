import type { Sort, ViewState } from '../state.ts';
import { activeTable } from '../view-model/table-cursor.ts';
import type { TableView } from '../view-model/table-view.ts';
import { withSortInView } from './column-scroll.ts';
import { withMessage } from './messages.ts';
import type { Frame } from './transition.ts';

/** The status column of each table. */
const STATE_COLUMNS = ['state', 'status', 'severity'];

type Change = (sort: Sort, columns: TableView['columns']) => Partial<Sort> | undefined;

function sortBy(change: Change) {
  return (state: ViewState, frame: Frame): ViewState => {
    const { viewModel, panes } = frame;
    const id = activeTable(state);
    if (!panes.some((pane) => pane.id === id)) return withMessage(state, 'there is no table here to sort');
    const changed = change(state.sorts[id], viewModel.table(id).columns);
    if (changed === undefined) return state;
    const sorted = { ...state, sorts: { ...state.sorts, [id]: { ...state.sorts[id], ...changed } } };
    return withSortInView(sorted, id, frame);
  };
}

export const sortReversed = sortBy((sort) => ({
  direction: sort.direction === 'ascending' ? 'descending' : 'ascending',
}));

export function sortBeside(step: 1 | -1) {
  return (state: ViewState, frame: Frame): ViewState =>
    sortBy((sort, columns) => {
      const at = placeOf(sort.column, step, columns, frame.viewModel.table(activeTable(state)));
      const column = columns[(at + step + columns.length) % columns.length];
      return column && { column: column.id, direction: column.defaultDirection };
    })(state, frame);
}

/** A hidden sum column is at the position of its parts. */
function placeOf(id: string, step: 1 | -1, columns: TableView['columns'], { columnsAndSort }: TableView): number {
  const at = columns.findIndex((column) => column.id === id);
  if (at >= 0) return at;
  const parts = columnsAndSort.find((column) => column.id === id)?.sumOf ?? [];
  const places = columns.flatMap((column, i) => (parts.includes(column.id) ? [i] : []));
  return (step > 0 ? places.at(-1) : places[0]) ?? (step > 0 ? -1 : 0);
}

export function sortByState(state: ViewState, frame: Frame): ViewState {
  const table = frame.viewModel.table(activeTable(state));
  const column = table.columns.find(({ id }) => STATE_COLUMNS.includes(id));
  if (column === undefined) return withMessage(state, 'this table has no column of states');
  return sortBy(() => ({ column: column.id, direction: column.defaultDirection }))(state, frame);
}
