import { drillOf as graphDrill } from '../graph/drill.ts';
import { shownName } from '../graph/names.ts';
import type { Scene } from './act.ts';
import { isTable, selectedIndex } from './select.ts';
import type { Drill, ViewState } from './state.ts';
import { graphKey } from './walk.ts';

/** Enter: from a node, box, workload, service or problem to its connections; on a connection to its details. */
export function enter(state: ViewState, scene: Scene): ViewState {
  const { focus } = state;
  if (focus === 'connections' || focus === 'details')
    return {
      ...state,
      focus: focus === 'details' ? 'connections' : 'details',
      zoomed: !hasDetails(scene),
      subject: 'connections',
    };
  const drill = drillOf(state, scene);
  if (drill === undefined) return state;
  const { drill: before } = state;
  const place = { view: state.view, focus, ...(before === undefined ? {} : { drill: before }) };
  const view = state.view === 'overview' ? 'overview' : 'connections';
  return {
    ...state,
    view,
    focus: 'connections',
    subject: 'connections',
    zoomed: false,
    drill,
    trail: [...state.trail, place],
  };
}

function hasDetails({ panes }: Scene): boolean {
  return panes.some(({ id }) => id === 'details') && panes.length > 1;
}

function drillOf(state: ViewState, { derived, graph }: Scene): Drill | undefined {
  const { focus, grouping } = state;
  if (focus === 'graph') {
    const key = graphKey(state);
    if (key === undefined) return undefined;
    const label = key.split('\n').map(shownName).join(' ↔ ');
    return { kind: 'graph', grouping, label, ...graphDrill(key, graph.graph) };
  }
  if (!isTable(focus)) return undefined;
  const table = derived.table(focus);
  const index = selectedIndex(state, focus, table);
  const key = table.keyAt(index);
  if (key === undefined) return undefined;
  if (focus === 'nodes' || focus === 'agents') return { kind: 'node', node: String(key), label: table.cell(index, 0) };
  const label = table.cell(index, focus === 'problems' ? 3 : 0);
  return { kind: 'rows', table: focus, key, label, talkersBy: state.talkersBy };
}
