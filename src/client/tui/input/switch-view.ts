import type { ViewId, ViewState } from '../state.ts';
import { focusOn } from '../view-model/table-cursor.ts';

export function toView(state: ViewState, view: ViewId): ViewState {
  const focused = focusOn(state, view === 'overview' ? 'connections' : view);
  return { ...focused, view, zoomed: false, detailsTop: 0, trail: [] };
}
