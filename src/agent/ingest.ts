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
  START_KNOWN,
  UNKNOWN,
} from '../flow/columns.ts';
import { FlowTable } from '../flow/flow-table.ts';
import { SlotIndex } from '../flow/slot-index.ts';
import type { Entry, Glance } from './entry.ts';
import { ReadingOrder } from './reading-order.ts';

/** A kernel start time later than the one known by more than this is another connection. Times are whole seconds. */
const START_TOLERANCE_MS = 2000;
/** How full a table is when it is time to make it larger, and by what factor. */
const FULL = 0.8;
const GROWTH = 1.5;
const UNSEEN: Glance = { low: 0, high: 0, timeout: -1 };

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

  readonly #index = new SlotIndex();
  readonly #order = new ReadingOrder();
  #seen = new Uint32Array(0);
  #sampledAt = new Float64Array(0);
  #poll = 0;
  /** This poll read the whole table. */
  #isWhole = false;
  /** The one before did: what it did not have has begun since. */
  #followsWhole = false;
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

  /**
   * Makes room ahead in a table that fills, in steps of a few milliseconds: to be gone through between two polls, for the
   * same reason. Nothing to do where there is room.
   */
  *growing(): Generator<void> {
    const { table } = this;
    const { capacity } = table.columns;
    if (table.end < capacity * FULL) return;
    yield* table.columns.growing(Math.ceil(capacity * GROWTH));
    this.#makeRoom();
    yield;
    this.#index.reserve(table.columns.capacity);
  }

  /** `monotonicMs` is what rates are reckoned by; `wallMs`, unix time, is what `firstSeenAt` and `expiresAt` are. */
  begin(monotonicMs: number, wallMs: number): void {
    this.#poll++;
    this.#followsWhole = this.#isWhole;
    this.#isWhole = false;
    this.#monotonicMs = monotonicMs;
    this.#wallMs = wallMs;
    this.unparsed = 0;
    this.duplicates = 0;
    this.#order.begin();
  }

  /** To be called before the entries of each piece that was read: a large table takes a while, rates want the moment. */
  readAt(monotonicMs: number): void {
    this.#monotonicMs = monotonicMs;
  }

  /**
   * Takes an entry that reads as it did at the poll before, but for its timeout. False, and nothing is taken, unless that
   * is sure: then it is to be scanned and added.
   */
  addUnchanged({ low, high, timeout }: Glance): boolean {
    const slot = this.#order.match(low, high);
    if (slot < 0 || this.#seen[slot] === this.#poll) return false;
    this.#order.read(slot, low, high);
    this.#seen[slot] = this.#poll;
    const { columns } = this.table;
    this.#updateRates(slot, columns.originalBytes[slot] as number, columns.replyBytes[slot] as number);
    const expiresAt = this.#expiry(timeout);
    if (this.#isRefreshed(slot, expiresAt)) {
      columns.expiresAt[slot] = expiresAt;
      this.table.touchState(slot);
    }
    return true;
  }

  /** Takes an entry. `glance`: how it read, as `addUnchanged` will be asked for it at the next poll. */
  add(entry: Entry, glance: Glance = UNSEEN): void {
    const slot = this.#index.find(entry.low, entry.high);
    if (slot < 0) this.#insert(entry, glance);
    else if (this.#seen[slot] === this.#poll) this.duplicates++;
    else if (this.#isReused(slot, entry)) {
      this.#remove(slot);
      this.#insert(entry, glance);
    } else {
      this.#order.read(slot, glance.low, glance.high);
      this.#seen[slot] = this.#poll;
      this.#updateStats(slot, entry);
      this.#updateState(slot, entry);
    }
  }

  /** The poll read the whole table: what it did not see is gone. Commits a version. */
  complete(): void {
    const { table } = this;
    for (let slot = 0; slot < table.end; slot++) {
      if (table.isLive(slot) && this.#seen[slot] !== this.#poll) this.#remove(slot);
    }
    table.commit(this.#wallMs);
    this.#isWhole = true;
  }

  #insert(entry: Entry, glance: Glance): void {
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
    this.#order.readNew(slot, glance.low, glance.high);
    this.#seen[slot] = this.#poll;
    this.#sampledAt[slot] = this.#monotonicMs;
    columns.family[slot] = entry.family;
    columns.protocol[slot] = entry.protocol;
    columns.state[slot] = entry.state;
    columns.flags[slot] = entry.flags | (entry.age >= 0 || this.#followsWhole ? START_KNOWN : 0);
    columns.zone[slot] = entry.zone;
    columns.mark[slot] = entry.mark;
    columns.ports.set(entry.ports, slot * ROW_PORTS);
    columns.expiresAt[slot] = this.#expiry(entry.timeout);
    columns.firstSeenAt[slot] = entry.age < 0 ? this.#wallMs : this.#wallMs - entry.age * 1000;
    columns.originalRate[slot] = UNKNOWN;
    columns.replyRate[slot] = UNKNOWN;
    this.#writeCounters(slot, entry.counters);
  }

  #makeRoom(): void {
    const { capacity } = this.table.columns;
    if (capacity <= this.#seen.length) return;
    this.#seen = grown(this.#seen, capacity);
    this.#sampledAt = grown(this.#sampledAt, capacity);
    this.#order.reserve(capacity);
  }

  #updateStats(slot: number, { counters }: Entry): void {
    const { columns } = this.table;
    this.#updateRates(slot, counters[1] as number, counters[3] as number);
    const same =
      counters[0] === columns.originalPackets[slot] &&
      counters[1] === columns.originalBytes[slot] &&
      counters[2] === columns.replyPackets[slot] &&
      counters[3] === columns.replyBytes[slot];
    if (same || Number.isNaN(counters[1])) return;
    this.#writeCounters(slot, counters);
    this.table.touchStats(slot);
  }

  /** By the bytes that the table has of the poll before, and those of now. */
  #updateRates(slot: number, originalBytes: number, replyBytes: number): void {
    const { columns } = this.table;
    const seconds = (this.#monotonicMs - (this.#sampledAt[slot] as number)) / 1000;
    this.#sampledAt[slot] = this.#monotonicMs;
    if (seconds <= 0) return;
    const originalRate = (originalBytes - (columns.originalBytes[slot] as number)) / seconds;
    const replyRate = (replyBytes - (columns.replyBytes[slot] as number)) / seconds;
    if (Object.is(originalRate, columns.originalRate[slot]) && Object.is(replyRate, columns.replyRate[slot])) return;
    columns.originalRate[slot] = originalRate;
    columns.replyRate[slot] = replyRate;
    this.table.touchStats(slot);
  }

  #updateState(slot: number, entry: Entry): void {
    const { columns } = this.table;
    const known = columns.flags[slot] as number;
    // An offloaded entry hides whether it is assured; the kernel never takes that back, so what was known stays.
    const flags =
      (known & START_KNOWN) |
      (entry.flags & ASSURED_UNKNOWN
        ? (entry.flags & ~ASSURED_UNKNOWN) | (known & (ASSURED | ASSURED_UNKNOWN))
        : entry.flags);
    const expiresAt = this.#expiry(entry.timeout);
    if (
      entry.state === columns.state[slot] &&
      flags === known &&
      entry.mark === columns.mark[slot] &&
      !this.#isRefreshed(slot, expiresAt)
    )
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
    // The kernel gives counters to a connection at its beginning, or never.
    if (Number.isNaN(counters[1]) !== Number.isNaN(columns.originalBytes[slot])) return true;
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

  /** A timeout that only runs down is no change. Both it and the clock are whole seconds: it may seem to be off by one. */
  #isRefreshed(slot: number, expiresAt: number): boolean {
    return Math.abs(expiresAt - (this.table.columns.expiresAt[slot] as number)) > 1;
  }

  #remove(slot: number): void {
    this.#index.remove(slot);
    this.#order.forget(slot);
    this.table.remove(slot);
  }

  #expiry(timeout: number): number {
    return timeout < 0 ? NO_EXPIRY : Math.floor(this.#wallMs / 1000) + timeout;
  }

  #writeCounters(slot: number, counters: Float64Array): void {
    const { columns } = this.table;
    columns.originalPackets[slot] = counters[0] as number;
    columns.originalBytes[slot] = counters[1] as number;
    columns.replyPackets[slot] = counters[2] as number;
    columns.replyBytes[slot] = counters[3] as number;
  }
}
