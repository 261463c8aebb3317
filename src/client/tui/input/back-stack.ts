import type { Layer, ViewState } from '../state.ts';
import { graphKey, selectParent } from './graph-cursor.ts';

/** The open layers, the oldest first if the state shows the order. */
function openLayers(state: ViewState): readonly Layer[] {
  const { backStack } = state;
  const drill = backStack.length > 0 ? backStack[0]?.drill : state.drill;
  const open: (Layer | false)[] = [
    state.focus === 'graph' && graphKey(state) !== undefined && 'box',
    drill !== undefined && 'drill',
    state.family !== 0 && 'family',
    state.stateFilter !== 'all' && 'states',
    state.filter !== '' && 'filter',
    state.zoomed && 'zoom',
    // Layers that a step opened are closed with it: the step is the newest of them.
    ...backStack.map((_, i): Layer => `step ${i}`),
  ];
  return open.filter((one) => one !== false);
}

/** The state with its layers in the order in which they were opened. */
export function withLayers(state: ViewState): ViewState {
  const open = openLayers(state);
  const kept = state.layers.filter((one) => open.includes(one));
  const added = open.filter((one) => !kept.includes(one));
  if (added.length === 0 && kept.length === state.layers.length) return state;
  return { ...state, layers: [...kept, ...added] };
}

/** Closes the layer that was opened last. */
export function closeNewest(state: ViewState): ViewState {
  const newest = state.layers.at(-1);
  switch (newest) {
    case undefined:
      return state;
    case 'box':
      return selectParent(state) ?? state;
    case 'zoom':
      return { ...state, zoomed: false };
    case 'filter':
      return { ...state, filter: '' };
    case 'states':
      return { ...state, stateFilter: 'all' };
    case 'family':
      return { ...state, family: 0 };
    case 'drill':
      return clearDrillDown(state);
  }
  return stepBack(state);
}

/** Returns to where Enter was pressed last, with the selection there. */
export function stepBack(state: ViewState): ViewState {
  const last = state.backStack.at(-1);
  if (last === undefined) return state;
  const { drill: _, ...rest } = state;
  const { kind: __, ...place } = last;
  return { ...rest, ...place, backStack: state.backStack.slice(0, -1) };
}

export function clearDrillDown(state: ViewState): ViewState {
  const { drill: _, ...rest } = state;
  return { ...rest, backStack: [] };
}

/** Removes the drill-down and all filters: all connections. */
export function showAll(state: ViewState): ViewState {
  return { ...clearDrillDown(state), filter: '', stateFilter: 'all', family: 0 };
}

const CLOSES: Readonly<Record<Exclude<Layer, `step ${number}`>, string>> = {
  box: 'deselects',
  zoom: 'ends zoom',
  filter: 'clears filter',
  states: 'clears state',
  family: 'clears IP version',
  drill: 'leaves drill-down',
};

/** What Esc does now, for the footer; undefined: nothing. */
export function escapeHint(state: ViewState): string | undefined {
  const newest = state.layers.at(-1);
  if (newest === undefined) return undefined;
  if (newest === 'box' && graphKey(state)?.includes('\n')) return 'back to box';
  const place = state.backStack.at(-1);
  if (!newest.startsWith('step') || place === undefined) return CLOSES[newest as keyof typeof CLOSES];
  return `back to ${place.view === state.view ? place.focus : place.view}`;
}
