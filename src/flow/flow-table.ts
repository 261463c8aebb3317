import { FlowColumns } from './columns.ts';
import { SlotIndex } from './slot-index.ts';

/** Tombstones kept whatever the size of the table; beyond, no more than there are flows. */
const SPARE_TOMBSTONES = 1024;

/**
 * A versioned table of flows. A writer inserts, touches and removes rows; `commit` makes that the next version. A reader
 * is a cursor: the version that it has. It asks `changesSince(table, cursor)`.
 *
 * A removed row stays in its slot, as a tombstone, until `reclaim` learns that every reader has passed it, or until
 * there are more tombstones than flows: then the oldest go, and a reader from before them (`cursor < floor`) gets a
 * snapshot. So the table's size bounds its memory, whatever its readers do. It also means that a reader in the middle of
 * version V finds every row of V still in its slot while later versions are written, as long as V >= floor.
 */
export class FlowTable {
  readonly columns = new FlowColumns();
  /** The last committed version; 0 before the first. What is written now belongs to `version + 1`. */
  version = 0;
  /** Of the last committed version: unix time in milliseconds. */
  observedAt = 0;
  /** Readers with a cursor below this one need a snapshot. */
  floor = 0;
  /** Rows that are not removed. */
  size = 0;
  /** Slots at or above this one have never been used. */
  end = 0;
  tombstones = 0;

  #free: number[] = [];
  #nextId: number;
  /** Of each version that has tombstones: their slots. */
  #removals: { version: number; slots: number[] }[] = [];
  #byId: SlotIndex | undefined;

  /** `firstId`: ids count up from here, and none is used twice. */
  constructor(firstId = 1) {
    this.#nextId = firstId;
  }

  /** The id that the next inserted row gets. */
  get nextId(): number {
    return this.#nextId;
  }

  /** The next version, which writes now belong to. */
  get writing(): number {
    return this.version + 1;
  }

  /** Makes room for so many rows at once: to grow step by step copies the table again and again. */
  reserve(rows: number): void {
    if (rows > this.columns.capacity) this.columns.grow(rows);
  }

  /**
   * Takes a slot for a new row. It has no addresses, and its other cells hold what their last row left there: the caller sets all but
   * the versions and the id. `id` is for a replica of another table; it must not have been used before in this one.
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

  /** To be called when a row's counters or rates were changed. */
  markStatsChanged(slot: number): void {
    this.columns.statsVersion[slot] = this.writing;
  }

  /** To be called when a row's state, flags, timeout or mark were changed. */
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

  /** Whether the row is in the last committed version, or is being written to the next and not yet removed. */
  isLive(slot: number): boolean {
    return slot < this.end && this.columns.id[slot] !== 0 && this.columns.removedVersion[slot] === 0;
  }

  /** The slot of the live row with this id, or -1. The first call builds an index, which is then kept. */
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

  /** Makes what was written since the last call a version. `observedAt` is unix time in milliseconds. */
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

  /** Frees the rows that were removed in version `upTo` or before: no reader with a cursor below it is left. */
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

// An odd factor makes the mapping of the low half one to one, and spreads consecutive ids over the buckets.
function lowHalf(id: number): number {
  return Math.imul(id | 0, 0x9e3779b1);
}

function highHalf(id: number): number {
  return Math.floor(id / 0x1_0000_0000) | 0;
}
