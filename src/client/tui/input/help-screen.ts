import type { ViewState } from '../state.ts';
import type { ActionName } from './keymap.ts';

const STEPS: Partial<Record<ActionName, number>> = {
  down: 1,
  up: -1,
  'half-down': 10,
  'half-up': -10,
  'page-down': 20,
  'page-up': -20,
  first: -1e6,
  last: 1e6,
};

const CLOSES: readonly ActionName[] = ['quit', 'back', 'help'];

export function openHelp(state: ViewState): ViewState {
  return { ...state, help: true, helpScroll: 0 };
}

/** Keys only scroll or close the help. `count`: of the wheel. The frame limits the offset. */
export function inHelp(state: ViewState, action: ActionName, count = 1): ViewState {
  if (CLOSES.includes(action)) return { ...state, help: false };
  const step = STEPS[action];
  return step === undefined ? state : { ...state, helpScroll: Math.max(0, state.helpScroll + step * count) };
}
