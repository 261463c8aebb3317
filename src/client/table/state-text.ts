import { NO_STATE, stateName } from '../../flow/state.ts';
import type { Connection } from '../model.ts';

/**
 * The state, as the kernel names it. Where a protocol has none, what the kernel knows instead: whether a flow table took
 * the connection over, whether an answer was seen, whether it is kept when the table is full.
 */
export function stateText({ state, offloaded, replied, assured }: Connection): string {
  if (state !== NO_STATE) return stateName(state);
  if (offloaded) return 'OFFLOADED';
  if (!replied) return 'UNREPLIED';
  return assured ? 'ASSURED' : 'REPLIED';
}
