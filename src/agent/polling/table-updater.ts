import { ROW_ADDRESS_BYTES } from '../../flow/address-column.ts';
import { ASSURED, ASSURED_UNKNOWN, NO_EXPIRY, ROW_PORTS, START_KNOWN } from '../../flow/columns.ts';
import { FlowTable } from '../../flow/flow-table.ts';
import { growArray } from '../../flow/grow-array.ts';
import { SlotIndex } from '../../flow/slot-index.ts';
import type { ConntrackEntry, EntrySink, LineFingerprint } from '../conntrack/entry.ts';
import { NewestEntries } from '../conntrack/newest-entries.ts';
import { areDifferentIds, KernelIds } from './kernel-ids.ts';
import { type LastSeen, RecentlyRemoved } from './recently-removed.ts';
import { RowStats } from './row-stats.ts';
import { ScanOrderCache } from './scan-order.ts';
import { isReused, START_TOLERANCE_MS } from './tuple-reuse.ts';

/** Load at which the table grows, and the growth factor. */
const FULL_RATIO = 0.8;
const GROWTH_FACTOR = 1.5;
/** Limited to one byte per row. The marks are cleared when the numbers restart. */
const MAX_POLL = 255;
/** Rows examined per step. */
const STEP = 8_192;
const UNSEEN: LineFingerprint = { low: 0, high: 0, timeout: -1 };

/**
 * Applies the entries of successive polls to a table: finds known entries, calculates their rates, and at the end of a poll
 * removes the entries that it did not see. A poll is `begin`, `add` …, `complete`. An aborted poll is never completed: its
 * changes stay for the next poll to continue from, and no version is committed.
 */
export class TableUpdater implements EntrySink {
  readonly table: FlowTable;
  /** Number of lines (or messages) of this poll that could not be parsed. */
  unparsed = 0;
  /** One of them, safe to display. */
  unparsedSample: string | undefined;
  /** Entries of this poll that the kernel printed twice, which it does while its table changes. */
  duplicates = 0;

  readonly #index = new SlotIndex();
  readonly #order = new ScanOrderCache();
  readonly #gone = new RecentlyRemoved();
  readonly #stats: RowStats;
  readonly #kernelIds = new KernelIds();
  /** Addresses of the entry that is being inserted. */
  readonly #addresses = new Uint8Array(ROW_ADDRESS_BYTES);
  /** By slot: number of the last poll that saw its entry. */
  #seen = new Uint8Array(0);
  /** Counts from 1 to `MAX_POLL`, then restarts at 1. */
  #poll = 0;
  /** Whether this poll read the whole table. */
  #isWhole = false;
  /** Whether the previous poll read the whole table. Entries that it did not have began after it. */
  #followsWhole = false;
  /** Time from the start of the previous poll to the start of this one; NaN unless the previous one read the whole table. */
  #sinceWholeMs = Number.NaN;
  #beganMs = 0;
  #monotonicMs = 0;
  #wallMs = 0;

  readonly #newest: NewestEntries;

  /** `firstId`: flow ids count up from here. `newest` observes entries that began between two polls. */
  constructor(firstId = 1, newest = new NewestEntries()) {
    this.#newest = newest;
    this.table = new FlowTable(firstId);
    this.#stats = new RowStats(this.table);
  }

  get isEmpty(): boolean {
    return this.table.version === 0;
  }

  /**
   * Reserves capacity before the first poll of a table whose size is known. Growing a large table in the middle of a poll would
   * hold the event loop for longer than a slice.
   */
  reserve(entries: number): void {
    this.table.reserve(entries);
    this.#index.reserve(entries);
    this.#makeRoom();
  }

  /**
   * Grows a table that is nearly full, in steps of a few milliseconds, to run between two polls. The reason is the same as for
   * `reserve`. Does nothing if there is room.
   */
  *growChunked(): Generator<void> {
    const { table } = this;
    const { capacity } = table.columns;
    if (table.end < capacity * FULL_RATIO) return;
    yield* table.columns.growChunked(Math.ceil(capacity * GROWTH_FACTOR));
    this.#makeRoom();
    yield;
    this.#index.reserve(table.columns.capacity);
  }

  /** `monotonicMs`: clock for rates. `wallMs`: unix time, for `firstSeenAt` and `expiresAt`. */
  begin(monotonicMs: number, wallMs: number): void {
    if (this.#poll === MAX_POLL) this.#seen.fill(0);
    this.#poll = (this.#poll % MAX_POLL) + 1;
    this.#followsWhole = this.#isWhole;
    this.#isWhole = false;
    this.#sinceWholeMs = this.#followsWhole ? monotonicMs - this.#beganMs : Number.NaN;
    this.#beganMs = monotonicMs;
    this.#monotonicMs = monotonicMs;
    this.#wallMs = wallMs;
    this.unparsed = 0;
    this.unparsedSample = undefined;
    this.duplicates = 0;
    this.#order.begin();
  }

  /**
   * Call it before a poll from another source, whose fingerprints differ. That poll removes the known entries, and its entries do
   * not count as new connections.
   */
  forgetIdentities(): void {
    this.#isWhole = false;
  }

  /** Call it before the entries of each chunk read. Reading a large table takes a while, and rates need the exact time. */
  readAt(monotonicMs: number): void {
    this.#monotonicMs = monotonicMs;
  }

  /**
   * Takes an entry that is unchanged since the last poll, except for its timeout. Returns false, and takes nothing, unless that
   * is certain. The caller then scans and adds the entry.
   */
  addUnchanged({ low, high, timeout }: LineFingerprint): boolean {
    const slot = this.#order.match(low, high);
    if (slot < 0 || this.#seen[slot] === this.#poll) return false;
    this.#order.read(slot, low, high);
    this.#seen[slot] = this.#poll;
    const { columns } = this.table;
    this.#stats.rest(slot, this.#monotonicMs);
    const expiresAt = this.#expiry(timeout);
    if (this.#isRefreshed(slot, expiresAt)) {
      columns.expiresAt[slot] = expiresAt;
      this.table.markStateChanged(slot);
    }
    return true;
  }

  /** Takes an entry. `fingerprint`: the one that `addUnchanged` compares at the next poll. */
  add(entry: ConntrackEntry, fingerprint: LineFingerprint = UNSEEN): void {
    const slot = this.#index.find(entry.low, entry.high);
    if (slot < 0) this.#insertNew(entry, fingerprint);
    else if (this.#seen[slot] === this.#poll) this.duplicates++;
    else if (this.#isReused(slot, entry)) {
      // The previous poll saw the old connection, so this one began after it.
      const ms = this.#followsWhole ? this.#monotonicMs - this.#stats.sampledAt(slot) : Number.NaN;
      this.#remove(slot);
      this.#insert(entry, fingerprint, this.#followsWhole, undefined, ms);
    } else {
      this.#order.read(slot, fingerprint.low, fingerprint.high);
      this.#seen[slot] = this.#poll;
      this.#kernelIds.set(slot, entry.kernelId, this.table.columns.capacity);
      this.#stats.update(slot, entry, this.#monotonicMs);
      this.#updateState(slot, entry);
    }
  }

  /** Completes a poll of the whole table: removes the entries that it did not see, and commits a version. */
  complete(): void {
    for (const _ of this.completeChunked());
  }

  /** Like `complete`, in steps of about a millisecond. Others may read the table between two steps. */
  *completeChunked(): Generator<void> {
    const { table } = this;
    const gone = this.#gone;
    const index = this.#index;
    gone.nextPoll();
    for (let slot = 0; slot < table.end; slot++) {
      if (slot % STEP === STEP - 1) yield;
      if (!table.isLive(slot) || this.#seen[slot] === this.#poll) continue;
      if (!gone.isFull)
        gone.add(index.lowOf(slot), index.highOf(slot), this.#stats.lastSeen(slot, this.#kernelIds.of(slot)));
      this.#remove(slot);
    }
    table.commit(this.#wallMs);
    this.#isWhole = true;
  }

  /**
   * Inserts an unknown entry. If the previous poll was complete, the connection began after it and moved all its bytes since,
   * unless the kernel omitted the entry from that poll.
   */
  #insertNew(entry: ConntrackEntry, fingerprint: LineFingerprint): void {
    const before = this.#gone.find(entry);
    const isOlder = entry.age >= 0 ? entry.age * 1000 > this.#sinceWholeMs + START_TOLERANCE_MS : before !== undefined;
    if (this.#followsWhole && !isOlder) this.#newest.observe(entry);
    if (!isOlder) this.#insert(entry, fingerprint, this.#followsWhole, undefined, this.#sinceWholeMs);
    else this.#insert(entry, fingerprint, false, before, this.#monotonicMs - (before?.sampledAt ?? Number.NaN));
  }

  /** `before`: the entry's values `elapsedMs` ago; undefined: it had not begun. `elapsedMs` is NaN if unknown. */
  #insert(
    entry: ConntrackEntry,
    fingerprint: LineFingerprint,
    isNew: boolean,
    before: LastSeen | undefined,
    elapsedMs: number,
  ): void {
    if (!entry.writeAddresses(this.#addresses, 0)) {
      this.unparsed++;
      return;
    }
    const { table } = this;
    const slot = table.insert();
    const { columns } = table;
    this.#makeRoom();
    this.#index.add(slot, entry.low, entry.high);
    this.#order.readNew(slot, fingerprint.low, fingerprint.high);
    this.#seen[slot] = this.#poll;
    columns.family[slot] = entry.family;
    columns.addresses.write(slot, entry.family, this.#addresses);
    columns.protocol[slot] = entry.protocol;
    columns.state[slot] = entry.state;
    columns.flags[slot] = entry.flags | (isNew || entry.age >= 0 ? START_KNOWN : 0);
    columns.zone[slot] = entry.zone;
    columns.mark[slot] = entry.mark;
    columns.ports.set(entry.ports, slot * ROW_PORTS);
    columns.expiresAt[slot] = this.#expiry(entry.timeout);
    columns.firstSeenAt[slot] = entry.age < 0 ? this.#wallMs : this.#startedAt(entry);
    this.#stats.begin(slot, entry, before, elapsedMs, this.#monotonicMs);
    this.#kernelIds.set(slot, entry.kernelId, columns.capacity);
  }

  #isReused(slot: number, entry: ConntrackEntry): boolean {
    if (areDifferentIds(entry.kernelId, this.#kernelIds.of(slot))) return true;
    return isReused(this.table.columns, slot, entry, this.#startedAt(entry));
  }

  #makeRoom(): void {
    const { capacity } = this.table.columns;
    if (capacity <= this.#seen.length) return;
    this.#seen = growArray(this.#seen, capacity);
    this.#stats.reserve(capacity);
    this.#order.reserve(capacity);
  }

  #updateState(slot: number, entry: ConntrackEntry): void {
    const { columns } = this.table;
    const known = columns.flags[slot] as number;
    // An offloaded entry hides its assured flag. The kernel never clears that flag, so keep the known value.
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
    this.table.markStateChanged(slot);
  }

  /** Returns unix milliseconds; NaN if the kernel keeps no timestamps. */
  #startedAt({ age }: ConntrackEntry): number {
    return age < 0 ? Number.NaN : Math.round(this.#wallMs - age * 1000);
  }

  /** A timeout that only counts down is not a change. It and the clock are in whole seconds, so allow a difference of one. */
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
}
