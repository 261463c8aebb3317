import { FlowColumns } from './columns.ts';
import { SlotIndex } from './slot-index.ts';

/** Number of tombstones that the table always keeps. Above it, the table keeps at most as many tombstones as flows. */
const SPARE_TOMBSTONES = 1024;

/**
 * A versioned table of flows. A writer inserts, updates and removes rows; `commit` turns the changes into the next version. A
 * reader has a cursor, the version that it has seen, and calls `changesSince(table, cursor)`.
 *
 * A removed row stays in its slot as a tombstone until `reclaim` reports that every reader has passed it, or until there are more
 * tombstones than flows. Then the table drops the oldest tombstones, and a reader with an older cursor (`cursor < floor`) gets a
 * snapshot. So the table's size bounds its memory, whatever its readers do. A reader in the middle of version V finds every row
 * of V in its slot while a writer writes later versions, as long as V >= floor.
 */
export class FlowTable {
  readonly columns = new FlowColumns();
  /** The last committed version; 0 before the first. Writes now belong to `version + 1`. */
  version = 0;
  /** Unix time in milliseconds of the last committed version. */
  observedAt = 0;
  /** Readers with a cursor below this one need a snapshot. */
  floor = 0;
  /** Number of rows that are not removed. */
  size = 0;
  /** Slots from here on were never used. */
  end = 0;
  tombstones = 0;

  #free: number[] = [];
  #nextId: number;
  /** The slots of the tombstones, by the version that removed them. */
  #removals: { version: number; slots: number[] }[] = [];
  #byId: SlotIndex | undefined;

  /** `firstId`: ids count up from here. No id is used twice. */
  constructor(firstId = 1) {
    this.#nextId = firstId;
  }

  /** The id of the next inserted row. */
  get nextId(): number {
    return this.#nextId;
  }

  /** The version that writes now belong to. */
  get writing(): number {
    return this.version + 1;
  }

  /** Reserves capacity for `rows` rows at once. Growing step by step would copy the table repeatedly. */
  reserve(rows: number): void {
    if (rows > this.columns.capacity) this.columns.grow(rows);
  }

  /**
   * Takes a slot for a new row. The row has no addresses, and its other cells still hold the values of the slot's previous row:
   * the caller sets everything except the versions and the id. `id` is for a replica of another table; this table must not have
   * used it before.
   */
  insert(id = this.#nextId): number {
    const slot = this.#free.pop() ?? this.end++;
    if (slot >= this.columns.capacity) this.columns.grow(Math.max(256, Math.ceil(this.columns.capacity * 1.5)));
    this.#nextId = Math.max(this.#nextId, id + 1);
    const { columns, writing } = this;
    columns.id[slot] = id;
    columns.addedVersion[slot] = writing;
    columns.statsVersion[slot] = writing;
    columns.stateVersion[slot] = writing;
    columns.removedVersion[slot] = 0;
    this.size++;
    this.#byId?.add(slot, lowHalf(id), highHalf(id));
    return slot;
  }

  /** Marks a row whose counters or rates changed. */
  markStatsChanged(slot: number): void {
    this.columns.statsVersion[slot] = this.writing;
  }

  /** Marks a row whose state, flags, timeout or mark changed. */
  markStateChanged(slot: number): void {
    this.columns.stateVersion[slot] = this.writing;
  }

  remove(slot: number): void {
    this.columns.removedVersion[slot] = this.writing;
    this.size--;
    this.tombstones++;
    this.#byId?.remove(slot);
    const last = this.#removals.at(-1);
    if (last?.version === this.writing) last.slots.push(slot);
    else this.#removals.push({ version: this.writing, slots: [slot] });
  }

  /** Returns whether the row is in the last committed or the next version, and is not removed. */
  isLive(slot: number): boolean {
    return slot < this.end && this.columns.id[slot] !== 0 && this.columns.removedVersion[slot] === 0;
  }

  /** Returns the slot of the live row with this id, or -1. The first call builds an index, which the table then keeps. */
  slotOf(id: number): number {
    if (this.#byId === undefined) {
      this.#byId = new SlotIndex();
      for (let slot = 0; slot < this.end; slot++) {
        if (!this.isLive(slot)) continue;
        const known = this.columns.id[slot] as number;
        this.#byId.add(slot, lowHalf(known), highHalf(known));
      }
    }
    return this.#byId.find(lowHalf(id), highHalf(id));
  }

  /** Commits the writes since the last call as a version. `observedAt` is unix time in milliseconds. */
  commit(observedAt: number): void {
    this.version = this.writing;
    this.observedAt = observedAt;
    const most = Math.max(SPARE_TOMBSTONES, this.size);
    if (this.tombstones <= most) return;
    let left = this.tombstones;
    let upTo = this.floor;
    for (const removal of this.#removals) {
      if (left <= most) break;
      left -= removal.slots.length;
      upTo = removal.version;
    }
    this.reclaim(upTo);
  }

  /** Frees the rows that were removed in version `upTo` or earlier. The caller guarantees that no reader has a lower cursor. */
  reclaim(upTo: number): void {
    if (upTo <= this.floor) return;
    this.floor = Math.min(upTo, this.version);
    const { id, family, addresses } = this.columns;
    const kept = this.#removals.findIndex(({ version }) => version > this.floor);
    for (const { slots } of this.#removals.splice(0, kept < 0 ? this.#removals.length : kept)) {
      this.tombstones -= slots.length;
      for (const slot of slots) {
        id[slot] = 0;
        addresses.clear(slot, family[slot] as number);
        this.#free.push(slot);
      }
    }
  }
}

// The odd factor makes the mapping of the low half one to one, and spreads consecutive ids over the buckets.
function lowHalf(id: number): number {
  return Math.imul(id | 0, 0x9e3779b1);
}

function highHalf(id: number): number {
  return Math.floor(id / 0x1_0000_0000) | 0;
}
