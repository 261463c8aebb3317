import { SlotIndex } from '../../flow/slot-index.ts';
import type { ConntrackEntry } from '../conntrack/entry.ts';
import { areDifferentIds } from './kernel-ids.ts';

/** A flow as a poll last saw it. */
export interface LastSeen {
  readonly originalPackets: number;
  readonly originalBytes: number;
  readonly replyPackets: number;
  readonly replyBytes: number;
  /** Milliseconds of the monotonic clock. */
  readonly sampledAt: number;
  /** 0 if the kernel did not report it. */
  readonly kernelId: number;
}

/** Number of polls to remember. The kernel omits an entry only while its table changes during a read. */
const MAX_POLLS = 5;
/** More flows than a poll removes, unless the table was flushed; then no entry comes back. */
const MAX_FLOWS = 20_000;
/** Numbers stored per flow: the fields of `LastSeen`, in order. */
const NUMBERS = 6;

/**
 * Flows that the last few polls no longer saw. The kernel can omit an entry if the table changes during a read. An entry that
 * comes back is not a new connection, and has not moved all its bytes since the last poll.
 */
export class RecentlyRemoved {
  /** The number of places that each of the last polls took in the ring, oldest first. */
  readonly #polls: number[] = [];
  #first = 0;
  #size = 0;
  #numbers = new Float64Array(0);
  /** Maps a fingerprint to a place. If a flow was removed repeatedly, to the last one. */
  readonly #index = new SlotIndex();

  /** Begins the removals of the poll that completed. Forgets those of the oldest poll. */
  nextPoll(): void {
    if (this.#polls.length === MAX_POLLS) this.#forget(this.#polls.shift() ?? 0);
    this.#polls.push(0);
  }

  get isFull(): boolean {
    return this.#size >= MAX_FLOWS;
  }

  /** Adds a removed flow. The caller checks `isFull` first. */
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

  /** Returns the entry as last seen; undefined if it is not known, or if its counters restarted. */
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
    // The index has the later place of a flow that was removed again since. That place stays.
    for (let i = 0; i < count; i++) this.#index.remove((this.#first + i) % MAX_FLOWS);
    this.#first = (this.#first + count) % MAX_FLOWS;
    this.#size -= count;
  }
}

/** Returns whether an entry with these counters can be the same connection: no counter may decrease. */
function canBeSameFlow(last: LastSeen, counters: Float64Array): boolean {
  return (
    Number.isNaN(counters[1]) === Number.isNaN(last.originalBytes) &&
    !((counters[0] as number) < last.originalPackets) &&
    !((counters[1] as number) < last.originalBytes) &&
    !((counters[2] as number) < last.replyPackets) &&
    !((counters[3] as number) < last.replyBytes)
  );
}
