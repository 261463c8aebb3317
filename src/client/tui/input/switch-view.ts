import type { ViewId, ViewState } from '../state.ts';
import { focusOn } from '../view-model/table-cursor.ts';

export function switchView(state: ViewState, view: ViewId): ViewState {
  const focused = focusOn(state, view === 'overview' ? 'connections' : view);
  return { ...focused, view, zoomed: false, detailsScroll: 0, backStack: [] };
}
