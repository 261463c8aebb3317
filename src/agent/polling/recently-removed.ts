import { SlotIndex } from '../../flow/slot-index.ts';
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
/** Of a flow: what `LastSeen` has, in its order. */
const NUMBERS = 6;

/**
 * Flows that the last few polls did not see any more. The kernel can leave an entry out of a table that changes while it is
 * read: an entry that comes back is no new connection, and has not moved all its bytes since the poll before.
 */
export class RecentlyRemoved {
  /** A ring of places, oldest first: how many each of the last polls took. */
  readonly #polls: number[] = [];
  #first = 0;
  #size = 0;
  #numbers = new Float64Array(0);
  /** Fingerprint → place. Of a flow that went more than once, the last. */
  readonly #index = new SlotIndex();

  /** A poll is complete: what goes now is remembered for the next ones. */
  nextPoll(): void {
    if (this.#polls.length === MAX_POLLS) this.#forget(this.#polls.shift() ?? 0);
    this.#polls.push(0);
  }

  get isFull(): boolean {
    return this.#size >= MAX_FLOWS;
  }

  /** To be called unless it is full. */
  add(low: number, high: number, last: LastSeen): void {
    if (this.#numbers.length === 0) this.#numbers = new Float64Array(MAX_FLOWS * NUMBERS);
    const place = (this.#first + this.#size++) % MAX_FLOWS;
    this.#polls[this.#polls.length - 1] = (this.#polls.at(-1) ?? 0) + 1;
    const numbers = this.#numbers;
    const at = place * NUMBERS;
    numbers[at] = last.originalPackets;
    numbers[at + 1] = last.originalBytes;
    numbers[at + 2] = last.replyPackets;
    numbers[at + 3] = last.replyBytes;
    numbers[at + 4] = last.sampledAt;
    numbers[at + 5] = last.kernelId;
    const before = this.#index.find(low, high);
    if (before >= 0) this.#index.remove(before);
    this.#index.add(place, low, high);
  }

  /** How the entry was when it was last seen; undefined for one that was not, or that counts from the beginning again. */
  find({ low, high, counters, kernelId }: ConntrackEntry): LastSeen | undefined {
    if (this.#size === 0) return undefined;
    const place = this.#index.find(low, high);
    if (place < 0) return undefined;
    const last = this.#read(place);
    return canBeSameFlow(last, counters) && !areDifferentIds(last.kernelId, kernelId) ? last : undefined;
  }

  #read(place: number): LastSeen {
    const [originalPackets = 0, originalBytes = 0, replyPackets = 0, replyBytes = 0, sampledAt = 0, kernelId = 0] =
      this.#numbers.subarray(place * NUMBERS, (place + 1) * NUMBERS);
    return { originalPackets, originalBytes, replyPackets, replyBytes, sampledAt, kernelId };
  }

  #forget(count: number): void {
    // A flow that went again since is in the index by its later place, and stays.
    for (let i = 0; i < count; i++) this.#index.remove((this.#first + i) % MAX_FLOWS);
    this.#first = (this.#first + count) % MAX_FLOWS;
    this.#size -= count;
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
