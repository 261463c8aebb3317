import { growArray } from '../../flow/grow-array.ts';
import type { CleanText } from '../format/sanitize.ts';
import type { Connection } from '../model/connection.ts';
import type { ConnectionEndpoints } from './endpoints.ts';
import { type EntryGraph, NONE } from './entry-graph.ts';

/**
 * The connections, a row each, with the chain of its entries (`head`, then `entries.next`). An id
 * is used once; a row may be reused.
 */
export class ConnectionStore {
  id = new Float64Array(64);
  head = new Int32Array(64);
  /** The pair with which the source sends, and the one with which the destination receives. */
  first = new Int32Array(64);
  last = new Int32Array(64);
  /** The highest generation among its entries. */
  generation = new Uint32Array(64);
  /** Rounds in which it last got a path, lost an entry, and was marked for rebuilding; 0: never. */
  assignedRound = new Uint32Array(64);
  brokenRound = new Uint32Array(64);
  changedRound = new Uint32Array(64);
  /** 1: it has been shown; 0: it is still held. */
  visible = new Uint8Array(64);
  /** The current round. */
  round = 0;
  /** The last built connection; undefined: it must be built. */
  shown: (Connection | undefined)[] = [];
  /** The past hops of its path, if there are any. */
  readonly pastHops = new Map<number, readonly number[]>();
  /** What is disputed, if anything is. */
  readonly disputed = new Map<number, CleanText>();
  /** Resolved before `shown` is built, if sorting the hops needed them. */
  endpoints: (ConnectionEndpoints | undefined)[] = [];
  #position = new Int32Array(64);
  #rows: number[] = [];
  /** The shown connections, in the order of `rows`. */
  #list: (Connection | undefined)[] = [];
  #free: number[] = [];
  /** Rows to rebuild; some may have been removed since. */
  #changedRows: number[] = [];
  #end = 0;
  #nextId = 1;
  #hidden = 0;

  /** The rows in use, in no order. */
  get rows(): readonly number[] {
    return this.#rows;
  }

  /** All shown connections, in no order. Call it when each has been built. */
  list(): readonly Connection[] {
    return this.#hidden === 0
      ? (this.#list.slice() as Connection[])
      : this.#list.filter((connection) => connection !== undefined);
  }

  /** Marks it for rebuilding. */
  change(row: number): void {
    if (this.changedRound[row] === this.round) return;
    this.changedRound[row] = this.round;
    this.#changedRows.push(row);
  }

  takeChanged(): readonly number[] {
    const rows = this.#changedRows.filter((row) => this.changedRound[row] === this.round);
    this.#changedRows = [];
    return rows;
  }

  publish(row: number, connection: Connection): void {
    this.shown[row] = connection;
    if (this.visible[row] === 0) {
      this.visible[row] = 1;
      this.#hidden--;
    }
    this.#list[this.#position[row] as number] = connection;
  }

  /** Reserves memory for this many more. */
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
    this.assignedRound[row] = 0;
    this.brokenRound[row] = 0;
    this.changedRound[row] = 0;
    this.visible[row] = 0;
    this.#hidden++;
    this.shown[row] = undefined;
    this.endpoints[row] = undefined;
    this.#position[row] = this.#rows.length;
    this.#rows.push(row);
    this.#list.push(undefined);
    return row;
  }

  remove(row: number): void {
    if (this.visible[row] === 0) this.#hidden--;
    this.changedRound[row] = 0;
    this.pastHops.delete(row);
    this.disputed.delete(row);
    const position = this.#position[row] as number;
    const last = this.#rows.pop() as number;
    const lastShown = this.#list.pop();
    if (last !== row) {
      this.#rows[position] = last;
      this.#list[position] = lastShown;
      this.#position[last] = position;
    }
    this.shown[row] = undefined;
    this.endpoints[row] = undefined;
    this.#free.push(row);
  }

  hasPath(row: number, path: readonly number[], entries: EntryGraph): boolean {
    let entry = this.head[row] as number;
    for (const member of path) {
      if (entry !== member) return false;
      entry = entries.next[entry] as number;
    }
    return entry === NONE;
  }

  setPath(row: number, path: readonly number[], entries: EntryGraph): void {
    let before = NONE;
    for (const member of path) {
      entries.connection[member] = row;
      if (before === NONE) this.head[row] = member;
      else entries.next[before] = member;
      before = member;
    }
    entries.next[before] = NONE;
  }

  #grow(length: number): void {
    this.id = growArray(this.id, length);
    this.head = growArray(this.head, length);
    this.first = growArray(this.first, length);
    this.last = growArray(this.last, length);
    this.visible = growArray(this.visible, length);
    this.generation = growArray(this.generation, length);
    this.assignedRound = growArray(this.assignedRound, length);
    this.brokenRound = growArray(this.brokenRound, length);
    this.changedRound = growArray(this.changedRound, length);
    this.#position = growArray(this.#position, length);
  }
}
