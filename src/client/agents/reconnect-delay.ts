import { Backoff } from '../async/backoff.ts';

const MIN_RETRY_MS = 500;
const MAX_RETRY_MS = 15_000;
/** A connection that lasted this long was good: the next failure counts as the first. */
const STABLE_MS = 10_000;

/** An agent whose table was dropped to save memory is connected to again after this time. */
export const DROPPED_RETRY_MS = 60_000;

/** How long to wait before the next attempt after the connection to an agent failed, or its port-forward was lost. */
export function reconnectBackoff(random: () => number): Backoff {
  return new Backoff(MIN_RETRY_MS, MAX_RETRY_MS, { resetAfterMs: STABLE_MS, random });
}
