import { hitTest } from '../graph-pane/navigation.ts';
import type { ViewState } from '../state.ts';
import { type ColumnsView, shownColumns } from '../view-model/fit-columns.ts';
import { cellsIn, type Layout, type Rect } from '../view-model/layout.ts';
import { focusOn, isTablePane, moveCursor } from '../view-model/table-cursor.ts';
import type { TableView } from '../view-model/table-view.ts';
import { withLayers } from './back-stack.ts';
import { selectInGraph } from './graph-cursor.ts';
import { inHelp } from './help-screen.ts';
import { withoutMessage } from './messages.ts';
import type { MouseEvent } from './mouse-event.ts';
import { moveBy } from './move.ts';
import { sortReversed } from './sort.ts';
import type { Frame } from './transition.ts';

const WHEEL_ROWS = 3;

/** A click selects a pane and a row, or sorts by a heading (a second click reverses); the wheel moves. Pure. */
export function handleClick(state: ViewState, event: MouseEvent, frame: Frame): ViewState {
  return withLayers(clickPane(state, event, frame));
}

function clickPane(state: ViewState, event: MouseEvent, frame: Frame): ViewState {
  if (state.prompt !== undefined) return state;
  if (state.help) {
    if (event.action === 'wheeldown') return inHelp(withoutMessage(state), 'down');
    return event.action === 'wheelup' ? inHelp(withoutMessage(state), 'up') : state;
  }
  const pane = paneAt(frame.panes, event);
  if (pane === undefined) return state;
  const focused = focusOn(state, pane.id);
  if (event.action === 'wheeldown') return moveBy(() => WHEEL_ROWS)(withoutMessage(focused), frame);
  if (event.action === 'wheelup') return moveBy(() => -WHEEL_ROWS)(withoutMessage(focused), frame);
  if (event.action !== 'mousedown') return state;
  const { id, rect } = pane;
  if (id === 'graph') return selectInGraph(focused, hitTest(frame.graph, event.x - rect.x - 1, event.y - rect.y - 1));
  if (!isTablePane(id)) return focused;
  const data = frame.viewModel.table(id);
  const line = event.y - rect.y - 1;
  const view = { sortedBy: state.sorts[id].column, wide: state.wide, left: state.columnOffsets[id] };
  if (line === 0) return sortedBy(focused, columnAt(data.columnsAndSort, rect, event.x, view), frame);
  const row = state.scrollOffsets[id] + line - 1;
  if (line < 0 || row >= data.size || line > rect.height - 3) return focused;
  return moveCursor(focused, id, row, data, rect.height - 3);
}

function paneAt(panes: Layout['panes'], { x, y }: MouseEvent): Layout['panes'][number] | undefined {
  return panes.find(({ rect }) => x >= rect.x && x < rect.x + rect.width && y >= rect.y && y < rect.y + rect.height);
}

type Columns = TableView['columnsAndSort'];

function columnAt(columns: Columns, rect: Rect, x: number, view: ColumnsView): Columns[number] | undefined {
  let end = rect.x + 1;
  for (const { at, cells } of shownColumns(columns, cellsIn(rect), view)) {
    end += cells + 1;
    if (x < end) return columns[at];
  }
  return undefined;
}

function sortedBy(state: ViewState, column: Columns[number] | undefined, frame: Frame): ViewState {
  const { focus } = state;
  if (column === undefined || !isTablePane(focus)) return state;
  const before = state.sorts[focus];
  if (before.column === column.id) return sortReversed(withoutMessage(state), frame);
  return { ...state, sorts: { ...state.sorts, [focus]: { column: column.id, direction: column.defaultDirection } } };
}
