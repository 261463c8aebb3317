import type { Connection } from '../model.ts';
import type { Names } from '../names/names.ts';
import type { JoinInput } from './agents.ts';
import { firstSeen, makeConnection } from './build.ts';
import { Component } from './component.ts';
import { Connections } from './connections.ts';
import { Entries, NONE } from './entries.ts';
import { ambiguousWays } from './lanes.ts';
import { compareWorth, seenAt, sortWitnesses } from './order.ts';
import { PairBook } from './pair-book.ts';
import { findParties, type Parties, sameParties } from './parties.ts';
import { TableReader } from './reader.ts';
import { simpleWay } from './ways.ts';

export type { JoinInput } from './agents.ts';

const ONE_PLACE = [0];

/**
 * Joins what several nodes saw of one connection. What leaves a node (reply destination → reply source) enters the next
 * (original source → original destination): client → service → masquerade → backend is one connection with a hop for
 * each entry.
 *
 * What comes out depends only on the tables as they are: in whatever order halves come, they merge as soon as both are
 * there. Only ids remember: a connection keeps its id when hops come and go, two that merge keep the older one, and a
 * tuple that begins anew gets a new one. Memory is bounded by the tables.
 */
export class Join {
  #entries = new Entries();
  #pairs = new PairBook();
  #connections = new Connections();
  #component = new Component();
  #reader: TableReader;
  #round = 0;
  /** Pairs whose component has to be settled anew. */
  #dirty: number[] = [];
  /** Connections to be made anew: rows, which may be named more than once. */
  #changed: number[] = [];
  /** Connections that are gone unless a way claimed them in this round. */
  #doubtful: number[] = [];
  #way: number[] = [];
  #places: number[] = [];
  #shown: readonly Connection[] = [];

  constructor() {
    this.#reader = new TableReader(this.#entries, this.#pairs, {
      added: (entry) => this.#added(entry),
      touched: (entry) => this.#touched(entry),
      moved: (entry) => this.#moved(entry),
      removed: (entry) => this.#removed(entry),
      reserve: (count) => this.#connections.reserve(count),
    });
  }

  /**
   * Reads what changed in the tables and returns the connections, in no order. Connections that did not change are the
   * same objects as before; where none changed, so is the array. `namesChanged`: answers of `names` may be others than
   * in the last call.
   */
  update(inputs: readonly JoinInput[], names: Names, namesChanged: boolean): readonly Connection[] {
    this.#round++;
    this.#reader.read(inputs);
    if (namesChanged) this.#findRenamed(names);
    this.#settle(names);
    const dropped = this.#dropUnclaimed();
    const made = this.#make(names);
    this.#reader.finish();
    if (dropped || made) {
      this.#shown = this.#connections.list();
    }
    return this.#shown;
  }

  #added(entry: number): void {
    this.#dirty.push(this.#entries.enter[entry] as number);
  }

  #touched(entry: number): void {
    const row = this.#entries.connection[entry] as number;
    if (row !== NONE) this.#change(row);
  }

  #moved(entry: number): void {
    const row = this.#entries.connection[entry] as number;
    if (row === NONE) return;
    this.#connections.broken[row] = this.#round;
    this.#dirty.push(this.#entries.enter[entry] as number);
  }

  #removed(entry: number): void {
    const row = this.#entries.connection[entry] as number;
    // Without this entry, what hung together by it may not any more: both its pairs are looked at.
    this.#dirty.push(this.#entries.enter[entry] as number, this.#entries.leave[entry] as number);
    if (row === NONE) return;
    this.#connections.broken[row] = this.#round;
    this.#doubtful.push(row);
  }

  /** The connection is to be made anew. */
  #change(row: number): void {
    if (this.#connections.changed[row] === this.#round) return;
    this.#connections.changed[row] = this.#round;
    this.#changed.push(row);
  }

  #findRenamed(names: Names): void {
    const { rows, shown, head, broken } = this.#connections;
    for (const row of rows) {
      const old = shown[row];
      if (old === undefined || broken[row] === this.#round) continue;
      const first = head[row] as number;
      const parties = this.#findParties(first, this.#connections.last(row, this.#entries), old.firstSeenAt, names);
      if (sameParties(parties, old as Parties)) continue;
      shown[row] = undefined;
      this.#change(row);
      // Names tell the order of those who saw the same.
      if (this.#entries.next[first] !== NONE) this.#dirty.push(this.#entries.enter[first] as number);
    }
  }

  #settle(names: Names): void {
    const component = this.#component;
    const entries = this.#entries;
    component.begin();
    for (const pair of this.#dirty) {
      const only = entries.only(pair);
      if (only !== NONE) {
        // The usual case, made quick.
        const row = entries.connection[only] as number;
        if (row !== NONE) {
          const isSettled = this.#connections.claimed[row] === this.#round && this.#connections.head[row] === only;
          if (isSettled) continue;
          this.#doubtful.push(row);
        }
        this.#way.length = 1;
        this.#way[0] = only;
        this.#claim(this.#way, ONE_PLACE, names);
        continue;
      }
      if (!component.collect(pair, this.#pairs.end, entries)) continue;
      for (const member of component.members) {
        const row = entries.connection[member] as number;
        if (row !== NONE) this.#doubtful.push(row);
      }
      if (simpleWay(component, entries, this.#way, this.#places)) {
        this.#claim(this.#way, this.#places, names);
        continue;
      }
      const ways = ambiguousWays(component, entries, (a, b) => compareWorth(a, b, entries, this.#reader.agents));
      for (const { way, places } of ways) this.#claim([...way], places, names);
    }
    this.#dirty = [];
  }

  /** Gives a way to the connection that it continues, or to a new one. */
  #claim(way: number[], places: readonly number[], names: Names): void {
    const connections = this.#connections;
    const entries = this.#entries;
    const parties = places.length < way.length ? this.#sortPlaces(way, places, names) : undefined;
    let generation = 0;
    for (const member of way) generation = Math.max(generation, entries.generation[member] as number);
    let row = NONE;
    for (const member of way) {
      const candidate = entries.connection[member] as number;
      if (candidate === NONE || connections.claimed[candidate] === this.#round) continue;
      // It was about what used this tuple before.
      if ((connections.generation[candidate] as number) < generation) continue;
      if (row === NONE || (connections.id[candidate] as number) < (connections.id[row] as number)) row = candidate;
    }
    if (row === NONE) {
      row = connections.add();
      connections.generation[row] = generation;
    } else if (connections.broken[row] !== this.#round && connections.isWay(row, way, entries)) {
      connections.claimed[row] = this.#round;
      return;
    }
    connections.claimed[row] = this.#round;
    connections.setWay(row, way, entries);
    connections.shown[row] = undefined;
    connections.parties[row] = parties;
    this.#change(row);
  }

  /** Puts those who saw the same into order; what that needed to know is returned. */
  #sortPlaces(way: number[], places: readonly number[], names: Names): Parties {
    const { agents } = this.#reader;
    let at = Number.POSITIVE_INFINITY;
    for (const member of way) at = Math.min(at, seenAt(member, this.#entries, agents));
    const parties = this.#findParties(way[0] as number, way.at(-1) as number, at, names);
    sortWitnesses(way, places, parties, this.#entries, agents);
    return parties;
  }

  #findParties(first: number, last: number, at: number, names: Names): Parties {
    const entries = this.#entries;
    const enter = entries.enter[first] as number;
    return findParties(this.#pairs, enter, entries.leave[last] as number, at, names);
  }

  #dropUnclaimed(): boolean {
    let dropped = false;
    for (const row of this.#doubtful) {
      if (this.#connections.claimed[row] === this.#round) continue;
      // A row may be named more than once.
      this.#connections.claimed[row] = this.#round;
      this.#connections.changed[row] = 0;
      this.#connections.remove(row);
      dropped = true;
    }
    this.#doubtful = [];
    return dropped;
  }

  #make(names: Names): boolean {
    const { id, head, shown, parties, changed } = this.#connections;
    let made = false;
    for (const row of this.#changed) {
      // Dropped since.
      if (changed[row] !== this.#round) continue;
      const first = head[row] as number;
      const old = shown[row];
      const at = old?.firstSeenAt ?? firstSeen(first, this.#entries, this.#reader.agents);
      const who =
        (old as Parties | undefined) ??
        parties[row] ??
        this.#findParties(first, this.#connections.last(row, this.#entries), at, names);
      const connection = makeConnection(
        id[row] as number,
        first,
        who,
        at,
        this.#entries,
        this.#pairs,
        this.#reader.agents,
      );
      this.#connections.show(row, connection);
      parties[row] = undefined;
      made = true;
    }
    this.#changed = [];
    return made;
  }
}
