import { ASSURED, ASSURED_UNKNOWN, type FlowColumns, IDENTITY_FLAGS, OFFLOADED, REPLIED } from '../../flow/columns.ts';
import { stateNumber } from '../../flow/state.ts';
import type { ConntrackEntry } from '../conntrack/entry.ts';

/** If the kernel's start time is later than the known one by more than this, it is another connection. Start times are in whole seconds. */
export const START_TOLERANCE_MS = 2000;
/** If a counter above this decreases, it wrapped at 2^64. */
const NEAR_WRAP = 2 ** 63;
const TCP = 6;
const TIME_WAIT = stateNumber('TIME_WAIT');
const CLOSE = stateNumber('CLOSE');

/**
 * Returns whether an entry with known tuples is another connection: a value decreased that never decreases. `startedAt`: start of
 * the entry's connection in unix milliseconds; NaN if unknown.
 */
export function isReused(columns: FlowColumns, slot: number, entry: ConntrackEntry, startedAt: number): boolean {
  const { counters } = entry;
  // The kernel adds counters to a connection when it begins, or never.
  if (Number.isNaN(counters[1]) !== Number.isNaN(columns.originalBytes.get(slot))) return true;
  if (hasDecreased(counters[0] as number, columns.originalPackets.get(slot))) return true;
  if (hasDecreased(counters[1] as number, columns.originalBytes.get(slot))) return true;
  if (hasDecreased(counters[2] as number, columns.replyPackets.get(slot))) return true;
  if (hasDecreased(counters[3] as number, columns.replyBytes.get(slot))) return true;
  const known = columns.flags[slot] as number;
  if ((known & REPLIED) > (entry.flags & REPLIED)) return true;
  const tellsAssured = ((known | entry.flags) & (ASSURED_UNKNOWN | OFFLOADED)) === 0;
  if (tellsAssured && (known & ASSURED) > (entry.flags & ASSURED)) return true;
  if ((known & IDENTITY_FLAGS) !== (entry.flags & IDENTITY_FLAGS)) return true;
  // A SYN on a finished connection creates a new entry.
  if (entry.protocol === TCP && isFinished(columns.state[slot] as number) && !isFinished(entry.state)) return true;
  return startedAt > (columns.firstSeenAt[slot] as number) + START_TOLERANCE_MS;
}

function hasDecreased(now: number, before: number): boolean {
  return now < before && before < NEAR_WRAP;
}

function isFinished(state: number): boolean {
  return state === TIME_WAIT || state === CLOSE;
}
