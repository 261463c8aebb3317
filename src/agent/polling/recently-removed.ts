import type { ConntrackEntry } from '../conntrack/entry.ts';
import { areDifferentIds } from './kernel-ids.ts';

/** How a flow was when a poll last saw it. */
export interface LastSeen {
  readonly originalPackets: number;
  readonly originalBytes: number;
  readonly replyPackets: number;
  readonly replyBytes: number;
  /** Milliseconds of the monotonic clock. */
  readonly sampledAt: number;
  /** 0 where the kernel did not say. */
  readonly kernelId: number;
}

/** Of so many polls. The kernel leaves an entry out only while its table changes under the reader. */
const MAX_POLLS = 5;
/** More than a poll removes except for a table that was flushed, and then there is nothing to come back. */
const MAX_FLOWS = 20_000;

/**
 * Flows that the last few polls did not see any more. The kernel can leave an entry out of a table that changes while it is
 * read: an entry that comes back is no new connection, and has not moved all its bytes since the poll before.
 */
export class RecentlyRemoved {
  readonly #polls: Map<number, LastSeen>[] = [];
  #size = 0;

  /** A poll is complete: what goes now is remembered for the next ones. */
  nextPoll(): void {
    if (this.#polls.length === MAX_POLLS) this.#size -= this.#polls.shift()?.size ?? 0;
    this.#polls.push(new Map());
  }

  get isFull(): boolean {
    return this.#size >= MAX_FLOWS;
  }

  add(low: number, high: number, last: LastSeen): void {
    this.#polls.at(-1)?.set(fingerprintKey(low, high), last);
    this.#size++;
  }

  /** How the entry was when it was last seen; undefined for one that was not, or that counts from the beginning again. */
  find({ low, high, counters, kernelId }: ConntrackEntry): LastSeen | undefined {
    if (this.#size === 0) return undefined;
    const key = fingerprintKey(low, high);
    for (let i = this.#polls.length - 1; i >= 0; i--) {
      const last = this.#polls[i]?.get(key);
      if (last !== undefined)
        return canBeSameFlow(last, counters) && !areDifferentIds(last.kernelId, kernelId) ? last : undefined;
    }
    return undefined;
  }
}

/** Whether an entry with these counters can be the same connection: none of them ever goes back. */
function canBeSameFlow(last: LastSeen, counters: Float64Array): boolean {
  return (
    Number.isNaN(counters[1]) === Number.isNaN(last.originalBytes) &&
    !((counters[0] as number) < last.originalPackets) &&
    !((counters[1] as number) < last.originalBytes) &&
    !((counters[2] as number) < last.replyPackets) &&
    !((counters[3] as number) < last.replyBytes)
  );
}

/** 53 bits of the fingerprint: enough for so few. */
function fingerprintKey(low: number, high: number): number {
  return (low >>> 0) * 0x20_0000 + (high & 0x1f_ffff);
}
