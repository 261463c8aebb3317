import {
  busiestBox,
  type DrawnGraph,
  firstBox,
  lastBox,
  type MoveDirection,
  nearestBox,
  nextEdge,
} from '../graph-pane/navigation.ts';
import type { ViewState } from '../state.ts';

/** The selected box or edge of the graph. */
export function graphKey(state: ViewState): string | undefined {
  const { key } = state.selections.graph;
  return key === undefined ? undefined : String(key);
}

export function selectInGraph(state: ViewState, key: string | undefined): ViewState {
  const selection = key === undefined ? { index: 0 } : { key, index: 0 };
  return { ...state, detailTarget: 'graph', detailsScroll: 0, selections: { ...state.selections, graph: selection } };
}

/** To the box on that side, so many times; undefined where there is none at all. */
export function moveSelection(
  state: ViewState,
  scene: DrawnGraph,
  way: MoveDirection,
  count = 1,
): ViewState | undefined {
  let key = graphKey(state);
  if (key === undefined) {
    // The first step only says where one is, but for the one that leaves.
    const heaviest = way === 'left' ? undefined : busiestBox(scene);
    return heaviest === undefined ? undefined : selectInGraph(state, heaviest);
  }
  let walked = false;
  for (let step = 0; step < Math.min(count, scene.boxes.length); step++) {
    const next = nearestBox(scene, key, way);
    if (next === undefined) break;
    key = next;
    walked = true;
  }
  return walked ? selectInGraph(state, key) : undefined;
}

export function selectEnd(state: ViewState, scene: DrawnGraph, end: 'first' | 'last'): ViewState {
  return selectInGraph(state, end === 'first' ? firstBox(scene) : lastBox(scene));
}

export function cycleEdges(state: ViewState, scene: DrawnGraph, step: number): ViewState {
  const key = nextEdge(scene, graphKey(state), step);
  return key === undefined ? state : selectInGraph(state, key);
}

/** From an edge to its box, from a box to nothing selected; undefined where nothing was. */
export function selectParent(state: ViewState): ViewState | undefined {
  const key = graphKey(state);
  if (state.focus !== 'graph' || key === undefined) return undefined;
  const [box, other] = key.split('\n');
  return selectInGraph(state, other === undefined ? undefined : box);
}
