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

/** Moves to the box on that side, `count` times; undefined: there is no box. */
export function moveSelection(
  state: ViewState,
  frame: DrawnGraph,
  way: MoveDirection,
  count = 1,
): ViewState | undefined {
  let key = graphKey(state);
  if (key === undefined) {
    // The first step only selects a box, unless it leaves the pane.
    const heaviest = way === 'left' ? undefined : busiestBox(frame);
    return heaviest === undefined ? undefined : selectInGraph(state, heaviest);
  }
  let walked = false;
  for (let step = 0; step < Math.min(count, frame.boxes.length); step++) {
    const next = nearestBox(frame, key, way);
    if (next === undefined) break;
    key = next;
    walked = true;
  }
  return walked ? selectInGraph(state, key) : undefined;
}

export function selectEnd(state: ViewState, frame: DrawnGraph, end: 'first' | 'last'): ViewState {
  return selectInGraph(state, end === 'first' ? firstBox(frame) : lastBox(frame));
}

export function cycleEdges(state: ViewState, frame: DrawnGraph, step: number): ViewState {
  const key = nextEdge(frame, graphKey(state), step);
  return key === undefined ? state : selectInGraph(state, key);
}

/** Moves from an edge to its box, and from a box to no selection; undefined: nothing is selected. */
export function selectParent(state: ViewState): ViewState | undefined {
  const key = graphKey(state);
  if (state.focus !== 'graph' || key === undefined) return undefined;
  const [box, other] = key.split('\n');
  return selectInGraph(state, other === undefined ? undefined : box);
}
