import type { ViewState } from '../state.ts';
import { formatKeys } from './key-names.ts';

const MAX_REPORTED_KEYS = 100;

export function withMessage(state: ViewState, text: string, kind: 'info' | 'error' = 'info'): ViewState {
  return { ...state, message: { kind, text } };
}

export function withoutMessage(state: ViewState): ViewState {
  const { message: _, ...quiet } = state;
  return quiet;
}

/** Reports a key without a binding, the first time it is pressed. */
export function reportUnbound(state: ViewState, keys: string): ViewState {
  const text = `${formatKeys(keys)} is not bound to anything · ? lists the keys`;
  // A key that is held down repeats.
  if (state.reportedKeys.includes(keys)) return state.message?.text === text ? state : withoutMessage(state);
  return withMessage({ ...state, reportedKeys: [...state.reportedKeys, keys].slice(-MAX_REPORTED_KEYS) }, text);
}
