import { displayName } from '../../graph/collapse.ts';
import { selectionFromKey as graphDrill } from '../../graph/selection.ts';
import type { BackStackEntry, Drill, ViewState } from '../state.ts';
import { fieldedPart } from '../view-model/row-filter.ts';
import { isTablePane, selectedIndex } from '../view-model/table-cursor.ts';
import { stepBack } from './back-stack.ts';
import { graphKey } from './graph-cursor.ts';
import type { Frame } from './transition.ts';

/** Enter: from a node, box, workload, service or problem to its connections; on a connection to its details, and back. */
export function drillDown(state: ViewState, frame: Frame): ViewState {
  const { focus } = state;
  if (focus === 'details') return outOfDetails(state, frame);
  if (focus === 'connections') {
    const backStack = [...state.backStack, placeOf(state, 'details')];
    return { ...state, focus: 'details', zoomed: !hasDetails(frame), detailTarget: 'connections', backStack };
  }
  const drill = drillOf(state, frame);
  if (drill === undefined) return state;
  // Text filters of problems and agents do not apply to their connections.
  const isOfRows = state.filter !== '' && (focus === 'problems' || focus === 'agents');
  const place = isOfRows ? { ...placeOf(state, 'drill'), filter: state.filter } : placeOf(state, 'drill');
  return {
    ...state,
    filter: isOfRows ? fieldedPart(state.filter) : state.filter,
    view: state.view === 'overview' ? 'overview' : 'connections',
    focus: 'connections',
    detailTarget: 'connections',
    zoomed: false,
    drill,
    // The rows are different connections, so the old selection is invalid. The table scrolls to the selection.
    selections: { ...state.selections, connections: { index: 0 } },
    detailsScroll: 0,
    backStack: [...state.backStack, place],
  };
}

function placeOf(state: ViewState, kind: BackStackEntry['kind']): BackStackEntry {
  const { view, focus, detailTarget, zoomed, drill, selections, scrollOffsets, detailsScroll } = state;
  const place: BackStackEntry = { kind, view, focus, detailTarget, zoomed, selections, scrollOffsets, detailsScroll };
  return drill === undefined ? place : { ...place, drill };
}

/** Moves to the row that the details describe. */
function outOfDetails(state: ViewState, { panes }: Frame): ViewState {
  if (state.backStack.at(-1)?.kind === 'details') return stepBack(state);
  const isShown = panes.some(({ id }) => id === state.detailTarget);
  return isShown ? { ...state, focus: state.detailTarget } : state;
}

function hasDetails({ panes }: Frame): boolean {
  return panes.some(({ id }) => id === 'details') && panes.length > 1;
}

function drillOf(state: ViewState, { viewModel, graph }: Frame): Drill | undefined {
  const { focus, grouping } = state;
  if (focus === 'graph') {
    const key = graphKey(state);
    if (key === undefined) return undefined;
    const label = key.split('\n').map(displayName).join(' ↔ ');
    return { kind: 'graph', grouping, label, ...graphDrill(key, graph.graph) };
  }
  if (!isTablePane(focus)) return undefined;
  const table = viewModel.table(focus);
  const index = selectedIndex(state, focus, table);
  const key = table.keyAt(index);
  if (key === undefined) return undefined;
  if (focus === 'nodes' || focus === 'agents') return { kind: 'node', node: String(key), label: table.cell(index, 0) };
  const label = table.cell(index, focus === 'problems' ? 3 : 0);
  return { kind: 'rows', table: focus, key, label, workloadGrouping: state.workloadGrouping };
}
