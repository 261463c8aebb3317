import {
  ASSURED,
  ASSURED_UNKNOWN,
  grown,
  IDENTITY_FLAGS,
  NO_EXPIRY,
  OFFLOADED,
  REPLIED,
  ROW_ADDRESS_BYTES,
  ROW_PORTS,
  UNKNOWN,
} from '../flow/columns.ts';
import { FlowTable } from '../flow/flow-table.ts';
import { SlotIndex } from '../flow/slot-index.ts';
import type { Entry } from './entry.ts';

/** A kernel start time later than the one known by more than this is another connection. Times are whole seconds. */
const START_TOLERANCE_MS = 2000;

/**
 * Takes the entries of one poll after another into a table: recognises those that it knows, reckons their rates, and at
 * the end of a poll removes those that were not seen. A poll is `begin`, `add` …, `complete`. One that broke off is just not
 * completed: what it saw stays for the next one to go on from, and no version is committed.
 */
export class Ingest {
  readonly table: FlowTable;
  /** Of this poll: lines (or messages) that could not be parsed. */
  unparsed = 0;
  /** Of this poll: entries that the kernel printed twice, as it does while its table changes. */
  duplicates = 0;
  /** Of this poll: entries with counters, and with an age. They tell whether the kernel counts and keeps times. */
  counted = 0;
  timed = 0;

  readonly #index = new SlotIndex();
  #seen = new Uint32Array(0);
  #sampledAt = new Float64Array(0);
  #poll = 0;
  #monotonicMs = 0;
  #wallMs = 0;

  /** `firstId`: flow ids count up from here. */
  constructor(firstId = 1) {
    this.table = new FlowTable(firstId);
  }

  /**
   * Makes room for so many entries, before the first poll of a table whose size is known: growing a large one in the
   * midst of a poll would hold the event loop for longer than a slice.
   */
  reserve(entries: number): void {
    this.table.reserve(entries);
    this.#index.reserve(entries);
    this.#makeRoom();
  }

  /** `monotonicMs` is what rates are reckoned by; `wallMs`, unix time, is what `firstSeenAt` and `expiresAt` are. */
  begin(monotonicMs: number, wallMs: number): void {
    this.#poll++;
    this.#monotonicMs = monotonicMs;
    this.#wallMs = wallMs;
    this.unparsed = 0;
    this.duplicates = 0;
    this.counted = 0;
    this.timed = 0;
  }

  /** To be called before the entries of each piece that was read: a large table takes a while, rates want the moment. */
  readAt(monotonicMs: number): void {
    this.#monotonicMs = monotonicMs;
  }

  add(entry: Entry): void {
    const slot = this.#index.find(entry.low, entry.high);
    if (slot < 0) this.#insert(entry);
    else if (this.#seen[slot] === this.#poll) this.duplicates++;
    else if (this.#isReused(slot, entry)) {
      this.#remove(slot);
      this.#insert(entry);
    } else this.#update(slot, entry);
  }

  /** The poll read the whole table: what it did not see is gone. Commits a version. */
  complete(): void {
    const { table } = this;
    for (let slot = 0; slot < table.end; slot++) {
      if (table.isLive(slot) && this.#seen[slot] !== this.#poll) this.#remove(slot);
    }
    table.commit(this.#wallMs);
  }

  #insert(entry: Entry): void {
    const { table } = this;
    const slot = table.insert();
    const { columns } = table;
    if (!entry.writeAddresses(columns.addresses, slot * ROW_ADDRESS_BYTES)) {
      table.withdraw(slot);
      this.unparsed++;
      return;
    }
    this.#makeRoom();
    this.#index.add(slot, entry.low, entry.high);
    this.#seen[slot] = this.#poll;
    this.#sampledAt[slot] = this.#monotonicMs;
    columns.family[slot] = entry.family;
    columns.protocol[slot] = entry.protocol;
    columns.state[slot] = entry.state;
    columns.flags[slot] = entry.flags;
    columns.zone[slot] = entry.zone;
    columns.mark[slot] = entry.mark;
    columns.ports.set(entry.ports, slot * ROW_PORTS);
    columns.expiresAt[slot] = this.#expiry(entry);
    columns.firstSeenAt[slot] = entry.age < 0 ? this.#wallMs : this.#wallMs - entry.age * 1000;
    columns.originalRate[slot] = UNKNOWN;
    columns.replyRate[slot] = UNKNOWN;
    this.#writeCounters(slot, entry);
    this.#note(entry);
  }

  #makeRoom(): void {
    const { capacity } = this.table.columns;
    if (capacity <= this.#seen.length) return;
    this.#seen = grown(this.#seen, capacity);
    this.#sampledAt = grown(this.#sampledAt, capacity);
  }

  #update(slot: number, entry: Entry): void {
    this.#seen[slot] = this.#poll;
    this.#updateStats(slot, entry);
    this.#updateState(slot, entry);
    this.#note(entry);
  }

  #updateStats(slot: number, entry: Entry): void {
    const { columns } = this.table;
    const seconds = (this.#monotonicMs - (this.#sampledAt[slot] as number)) / 1000;
    this.#sampledAt[slot] = this.#monotonicMs;
    const originalBytes = entry.counters[1] as number;
    const replyBytes = entry.counters[3] as number;
    if (Number.isNaN(originalBytes) && Number.isNaN(replyBytes)) return;
    if (seconds <= 0) return;
    const originalRate = (originalBytes - (columns.originalBytes[slot] as number)) / seconds;
    const replyRate = (replyBytes - (columns.replyBytes[slot] as number)) / seconds;
    const changed =
      originalBytes !== columns.originalBytes[slot] ||
      replyBytes !== columns.replyBytes[slot] ||
      entry.counters[0] !== columns.originalPackets[slot] ||
      entry.counters[2] !== columns.replyPackets[slot] ||
      !Object.is(originalRate, columns.originalRate[slot]) ||
      !Object.is(replyRate, columns.replyRate[slot]);
    if (!changed) return;
    columns.originalRate[slot] = originalRate;
    columns.replyRate[slot] = replyRate;
    this.#writeCounters(slot, entry);
    this.table.touchStats(slot);
  }

  #updateState(slot: number, entry: Entry): void {
    const { columns } = this.table;
    const known = columns.flags[slot] as number;
    // An offloaded entry hides whether it is assured; the kernel never takes that back, so what was known stays.
    const flags =
      entry.flags & ASSURED_UNKNOWN
        ? (entry.flags & ~ASSURED_UNKNOWN) | (known & (ASSURED | ASSURED_UNKNOWN))
        : entry.flags;
    const expiresAt = this.#expiry(entry);
    // A timeout that only runs down is no change. Both it and the clock are whole seconds: it may seem to be off by one.
    const refreshed = Math.abs(expiresAt - (columns.expiresAt[slot] as number)) > 1;
    if (entry.state === columns.state[slot] && flags === known && entry.mark === columns.mark[slot] && !refreshed)
      return;
    columns.state[slot] = entry.state;
    columns.flags[slot] = flags;
    columns.mark[slot] = entry.mark;
    columns.expiresAt[slot] = expiresAt;
    this.table.touchState(slot);
  }

  /** Whether an entry with the tuples of a known one is another connection: what never goes back went back. */
  #isReused(slot: number, entry: Entry): boolean {
    const { columns } = this.table;
    const { counters } = entry;
    // A comparison with NaN is false: what is not known tells nothing.
    if ((counters[0] as number) < (columns.originalPackets[slot] as number)) return true;
    if ((counters[1] as number) < (columns.originalBytes[slot] as number)) return true;
    if ((counters[2] as number) < (columns.replyPackets[slot] as number)) return true;
    if ((counters[3] as number) < (columns.replyBytes[slot] as number)) return true;
    const known = columns.flags[slot] as number;
    if ((known & REPLIED) > (entry.flags & REPLIED)) return true;
    const tellsAssured = ((known | entry.flags) & (ASSURED_UNKNOWN | OFFLOADED)) === 0;
    if (tellsAssured && (known & ASSURED) > (entry.flags & ASSURED)) return true;
    if ((known & IDENTITY_FLAGS) !== (entry.flags & IDENTITY_FLAGS)) return true;
    if (entry.age < 0) return false;
    return this.#wallMs - entry.age * 1000 > (columns.firstSeenAt[slot] as number) + START_TOLERANCE_MS;
  }

  #remove(slot: number): void {
    this.#index.remove(slot);
    this.table.remove(slot);
  }

  #expiry(entry: Entry): number {
    return entry.timeout < 0 ? NO_EXPIRY : Math.floor(this.#wallMs / 1000) + entry.timeout;
  }

  #writeCounters(slot: number, entry: Entry): void {
    const { columns } = this.table;
    columns.originalPackets[slot] = entry.counters[0] as number;
    columns.originalBytes[slot] = entry.counters[1] as number;
    columns.replyPackets[slot] = entry.counters[2] as number;
    columns.replyBytes[slot] = entry.counters[3] as number;
  }

  #note(entry: Entry): void {
    if (!Number.isNaN(entry.counters[1] as number)) this.counted++;
    if (entry.age >= 0) this.timed++;
  }
}
