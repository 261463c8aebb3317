import { grown } from '../../flow/columns.ts';
import type { Connection } from '../model.ts';
import { type Entries, NONE } from './entries.ts';
import type { Parties } from './parties.ts';

/**
 * The connections that there are, a row each, and for each the chain of its entries (`head`, then `entries.next`). An id
 * is given once; a row may be used again.
 */
export class Connections {
  id = new Float64Array(64);
  head = new Int32Array(64);
  /** The highest generation among its entries. */
  generation = new Uint32Array(64);
  /** Rounds: 0 is never. In which one it was last given to a way; lost an entry; was found to be made anew. */
  claimed = new Uint32Array(64);
  broken = new Uint32Array(64);
  changed = new Uint32Array(64);
  /** As shown; undefined: to be made. */
  shown: (Connection | undefined)[] = [];
  /** Found ahead of `shown`, where the order of hops asked for them. */
  parties: (Parties | undefined)[] = [];
  #position = new Int32Array(64);
  #rows: number[] = [];
  /** What the rows in use show, in the order of `rows`. */
  #list: (Connection | undefined)[] = [];
  #free: number[] = [];
  #end = 0;
  #nextId = 1;

  /** The rows in use, in no order. */
  get rows(): readonly number[] {
    return this.#rows;
  }

  /** What is shown of all, in no order. To be called when each has been shown. */
  list(): readonly Connection[] {
    return this.#list.slice() as Connection[];
  }

  show(row: number, connection: Connection): void {
    this.shown[row] = connection;
    this.#list[this.#position[row] as number] = connection;
  }

  /** Makes room for so many more. */
  reserve(more: number): void {
    const count = this.#end + more;
    if (count > this.id.length) this.#grow(Math.max(count, this.id.length * 2));
  }

  add(): number {
    const row = this.#free.pop() ?? this.#end++;
    if (row >= this.id.length) this.#grow(this.id.length * 2);
    this.id[row] = this.#nextId++;
    this.head[row] = NONE;
    this.generation[row] = 0;
    this.claimed[row] = 0;
    this.broken[row] = 0;
    this.changed[row] = 0;
    this.shown[row] = undefined;
    this.parties[row] = undefined;
    this.#position[row] = this.#rows.length;
    this.#rows.push(row);
    this.#list.push(undefined);
    return row;
  }

  remove(row: number): void {
    const position = this.#position[row] as number;
    const last = this.#rows.pop() as number;
    const lastShown = this.#list.pop();
    if (last !== row) {
      this.#rows[position] = last;
      this.#list[position] = lastShown;
      this.#position[last] = position;
    }
    this.shown[row] = undefined;
    this.parties[row] = undefined;
    this.#free.push(row);
  }

  isWay(row: number, way: readonly number[], entries: Entries): boolean {
    let entry = this.head[row] as number;
    for (const member of way) {
      if (entry !== member) return false;
      entry = entries.next[entry] as number;
    }
    return entry === NONE;
  }

  setWay(row: number, way: readonly number[], entries: Entries): void {
    let before = NONE;
    for (const member of way) {
      entries.connection[member] = row;
      if (before === NONE) this.head[row] = member;
      else entries.next[before] = member;
      before = member;
    }
    entries.next[before] = NONE;
  }

  last(row: number, entries: Entries): number {
    let entry = this.head[row] as number;
    for (let next = entries.next[entry] as number; next !== NONE; next = entries.next[entry] as number) entry = next;
    return entry;
  }

  #grow(length: number): void {
    this.id = grown(this.id, length);
    this.head = grown(this.head, length);
    this.generation = grown(this.generation, length);
    this.claimed = grown(this.claimed, length);
    this.broken = grown(this.broken, length);
    this.changed = grown(this.changed, length);
    this.#position = grown(this.#position, length);
  }
}
