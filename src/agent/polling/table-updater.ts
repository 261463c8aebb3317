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

/** How full a table is when it is time to make it larger, and by what factor. */
const FULL_RATIO = 0.8;
const GROWTH_FACTOR = 1.5;
/** A byte a row is enough: what they say is forgotten when the numbers begin again. */
const MAX_POLL = 255;
/** Rows that are looked at in one step. */
const STEP = 8_192;
const UNSEEN: LineFingerprint = { low: 0, high: 0, timeout: -1 };

/**
 * Takes the entries of one poll after another into a table: recognises those that it knows, calculates their rates, and at
 * the end of a poll removes those that were not seen. A poll is `begin`, `add` …, `complete`. One that broke off is just not
 * completed: what it saw stays for the next one to continue from, and no version is committed.
 */
export class TableUpdater implements EntrySink {
  readonly table: FlowTable;
  /** Of this poll: lines (or messages) that could not be parsed. */
  unparsed = 0;
  /** One of them, as it can be shown. */
  unparsedSample: string | undefined;
  /** Of this poll: entries that the kernel printed twice, as it does while its table changes. */
  duplicates = 0;

  readonly #index = new SlotIndex();
  readonly #order = new ScanOrderCache();
  readonly #gone = new RecentlyRemoved();
  readonly #stats: RowStats;
  readonly #kernelIds = new KernelIds();
  /** Of an entry that is inserted. */
  readonly #addresses = new Uint8Array(ROW_ADDRESS_BYTES);
  /** By slot: the number of the last poll that saw its entry. */
  #seen = new Uint8Array(0);
  /** From 1 to `MAX_POLL`, and then again from 1. */
  #poll = 0;
  /** This poll read the whole table. */
  #isWhole = false;
  /** The one before did: what it did not have has begun since. */
  #followsWhole = false;
  /** From the beginning of the poll before to that of this one; NaN unless that one read the whole table. */
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
   * Makes room for so many entries, before the first poll of a table whose size is known: growing a large one in the
   * middle of a poll would hold the event loop for longer than a slice.
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
  *growChunked(): Generator<void> {
    const { table } = this;
    const { capacity } = table.columns;
    if (table.end < capacity * FULL_RATIO) return;
    yield* table.columns.growChunked(Math.ceil(capacity * GROWTH_FACTOR));
    this.#makeRoom();
    yield;
    this.#index.reserve(table.columns.capacity);
  }

  /** `monotonicMs` is what rates are based on; `wallMs`, unix time, is what `firstSeenAt` and `expiresAt` are. */
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
   * The next poll reads the table in another way, in which entries have other fingerprints: what is known leaves with it, and what comes
   * is not taken for new connections.
   */
  forgetIdentities(): void {
    this.#isWhole = false;
  }

  /** To be called before the entries of each piece that was read: a large table takes a while, rates want the moment. */
  readAt(monotonicMs: number): void {
    this.#monotonicMs = monotonicMs;
  }

  /**
   * Takes an entry that reads as it did at the poll before, except for its timeout. False, and nothing is taken, unless that
   * is sure: then it is to be scanned and added.
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

  /** Takes an entry. `glance`: how it read, as `addUnchanged` will be asked for it at the next poll. */
  add(entry: ConntrackEntry, fingerprint: LineFingerprint = UNSEEN): void {
    const slot = this.#index.find(entry.low, entry.high);
    if (slot < 0) this.#insertNew(entry, fingerprint);
    else if (this.#seen[slot] === this.#poll) this.duplicates++;
    else if (this.#isReused(slot, entry)) {
      // The old one was there at the poll before: this one began since.
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

  /** The poll read the whole table: what it did not see is gone. Commits a version. */
  complete(): void {
    for (const _ of this.completeChunked());
  }

  /** The same in steps of about a millisecond: others may read the table between two. */
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
   * An entry that the poll before, which was complete, did not have has begun since, and moved all its bytes since: unless
   * the kernel left it out of that poll.
   */
  #insertNew(entry: ConntrackEntry, fingerprint: LineFingerprint): void {
    const before = this.#gone.find(entry);
    const isOlder = entry.age >= 0 ? entry.age * 1000 > this.#sinceWholeMs + START_TOLERANCE_MS : before !== undefined;
    if (this.#followsWhole && !isOlder) this.#newest.observe(entry);
    if (!isOlder) this.#insert(entry, fingerprint, this.#followsWhole, undefined, this.#sinceWholeMs);
    else this.#insert(entry, fingerprint, false, before, this.#monotonicMs - (before?.sampledAt ?? Number.NaN));
  }

  /** `before`: how it was `elapsedMs` ago; undefined: it had not begun. `elapsedMs` is NaN where that is not known. */
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
    this.table.markStateChanged(slot);
  }

  /** In unix milliseconds; NaN where the kernel keeps no time stamps. */
  #startedAt({ age }: ConntrackEntry): number {
    return age < 0 ? Number.NaN : Math.round(this.#wallMs - age * 1000);
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
}
