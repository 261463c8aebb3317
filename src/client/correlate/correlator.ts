import { START_KNOWN } from '../../flow/columns.ts';
import type { Connection } from '../model/connection.ts';
import type { NameResolver } from '../names/name-resolver.ts';
import { AddressOwnersCache } from './address-owners.ts';
import type { AgentTable, TableCursor } from './agent-input.ts';
import { Authorities, type IsAuthoritative } from './authorities.ts';
import { buildConnection } from './build-connection.ts';
import { earliestTime, firstSeen, isStartKnown, type Start } from './connection-start.ts';
import { ConnectionStore } from './connection-store.ts';
import { type ConnectionEndpoints, equalEndpoints, isUncertain, resolveEndpoints } from './endpoints.ts';
import { EntryGraph, NONE } from './entry-graph.ts';
import type { WatchedAgent } from './expected-observers.ts';
import { IncompleteConnections } from './incomplete-connections.ts';
import { type KeptOrigin, KeptOrigins } from './kept-origins.ts';
import { PathAssignment } from './path-assignment.ts';
import { TableReader } from './table-reader.ts';
import { TupleInterner } from './tuple-interner.ts';

export type { AgentTable } from './agent-input.ts';
export type { WatchedAgent } from './expected-observers.ts';
export type { KeptOrigin } from './kept-origins.ts';

/** All agents, those that have no table too; and what time it is, by a clock that only goes forward, in milliseconds. */
export interface AgentWatch {
  readonly agents: readonly WatchedAgent[];
  readonly now: number;
}

/**
 * Joins what several nodes saw of one connection. What leaves a node (reply destination → reply source) enters the next
 * (original source → original destination): client → service → source NAT → backend is one connection with a hop for
 * each entry. A half is held back while the agent that should have the other may still tell of it.
 *
 * What comes out depends only on the tables as they are and on the kept origins: in whatever order halves come, they merge
 * as soon as both are there. Ids have a memory as well: a connection keeps its id when hops come and go, two that merge keep
 * the older one, and a reused tuple gets a new one. Memory is bounded by the tables.
 */
export class Correlator {
  #entries = new EntryGraph();
  #pairs = new TupleInterner();
  #connections = new ConnectionStore();
  #kept = new KeptOrigins(this.#entries, this.#pairs);
  #owners = new AddressOwnersCache(this.#pairs.addresses);
  #speakers: Authorities;
  #reader: TableReader;
  #claims: PathAssignment;
  #halves: IncompleteConnections;
  #shown: readonly Connection[] = [];
  /** In this round, pairs without a kept origin of what used them before: how many origins had been kept by then. */
  #forgotten = new Map<number, number>();

  /** `kept`: what another join kept, of the same tables. */
  constructor(kept: readonly KeptOrigin[] = []) {
    this.#reader = new TableReader(this.#entries, this.#pairs, {
      added: (entry) => this.#added(entry),
      updated: (entry) => this.#touched(entry),
      replaced: (entry) => this.#moved(entry),
      removed: (entry) => this.#removed(entry),
      reserve: (count) => this.#connections.reserve(count),
    });
    const { agents } = this.#reader;
    this.#speakers = new Authorities(this.#entries, this.#pairs, this.#kept, this.#owners, agents);
    this.#claims = new PathAssignment(
      this.#entries,
      this.#pairs,
      this.#connections,
      this.#kept,
      agents,
      this.#owners,
      this.#speakers,
    );
    this.#halves = new IncompleteConnections(this.#entries, this.#pairs, this.#connections, this.#kept, agents);
    for (const pair of this.#kept.restore(kept)) this.#claims.markDirty(pair);
  }

  /** What ended of connections that are still there. */
  get keptOrigins(): readonly KeptOrigin[] {
    return this.#kept.list();
  }

  /** Halves that are held back. */
  get held(): readonly Connection[] {
    return this.#halves.held;
  }

  /** When a half is to be shown, though nothing else may come; by the clock of `AgentWatch`. */
  get dueAt(): number | undefined {
    return this.#halves.dueAt;
  }

  /**
   * Reads what changed in the tables and returns the connections, in no order. Connections that did not change are the
   * same objects as before; where none changed, so is the array. `namesChanged`: answers of `names` may be others than
   * in the last call. Without `watching`, the agents of the tables are all that there are, and nothing is waited for.
   */
  update(
    inputs: readonly AgentTable[],
    names: NameResolver,
    namesChanged: boolean,
    watching?: AgentWatch,
  ): readonly Connection[] {
    this.#connections.round++;
    this.#reader.read(inputs);
    if (namesChanged) {
      this.#findReowned(names);
      this.#findRenamed(names);
    }
    this.#claims.resolveDirty(names);
    const dropped = this.#claims.drop();
    for (const row of dropped) this.#halves.forget(row);
    // In a way that was settled now, this is yet to be found out.
    this.#makeAnew(this.#halves.watch(watching?.agents ?? inputs.map(settled)));
    const made = this.#make(names, watching?.now);
    const released = this.#halves.release(watching?.now);
    for (const row of released) this.#connections.publish(row, this.#connections.shown[row] as Connection);
    this.#reader.finish();
    this.#kept.finish();
    this.#forgotten.clear();
    if (dropped.length > 0 || made || released.length > 0) this.#shown = this.#connections.list();
    return this.#shown;
  }

  #added(entry: number): void {
    const enter = this.#entries.enter[entry] as number;
    this.#claims.markDirty(enter);
    if (this.#kept.size > 0 && (this.#entries.generation[entry] as number) > 0) this.#forgetAt(enter);
  }

  /** A reused tuple has nothing to do with what came there before. */
  #forgetAt(pair: number): void {
    if (this.#forgotten.get(pair) === this.#kept.added) return;
    this.#forgotten.set(pair, this.#kept.added);
    const entries = this.#entries;
    const kept: number[] = [];
    for (let one = entries.firstEntering(pair); one !== NONE; one = entries.nextEntering(one)) kept.push(one);
    for (let one = entries.firstLeaving(pair); one !== NONE; one = entries.nextLeaving(one)) kept.push(one);
    for (const one of kept.filter((entry) => entries.isKept(entry))) {
      this.#claims.markDirty(entries.enter[one] as number, entries.leave[one] as number);
      this.#kept.drop(one);
    }
  }

  #touched(entry: number): void {
    const row = this.#entries.connection[entry] as number;
    if (row !== NONE) this.#connections.change(row);
  }

  #moved(entry: number): void {
    const row = this.#entries.connection[entry] as number;
    if (row === NONE) return;
    this.#connections.brokenRound[row] = this.#connections.round;
    this.#claims.markDirty(this.#entries.enter[entry] as number);
  }

  #removed(entry: number): void {
    const entries = this.#entries;
    const row = entries.connection[entry] as number;
    // Without this entry, what hung together by it may not any more: both its pairs are looked at.
    this.#claims.markDirty(entries.enter[entry] as number, entries.leave[entry] as number);
    if (row === NONE) return;
    this.#connections.brokenRound[row] = this.#connections.round;
    this.#claims.markStale(row);
    const head = this.#connections.head[row] as number;
    const isOnly = head === entry && entries.next[entry] === NONE;
    if (isOnly) return;
    const agent = this.#reader.agents[entries.agent[entry] as number] as TableCursor;
    const slot = entries.slot[entry] as number;
    const startKnown = ((agent.columns.flags[slot] as number) & START_KNOWN) !== 0;
    this.#kept.keep(entry, { node: agent.node, firstSeenAt: agent.columns.firstSeenAt[slot] as number, startKnown });
  }

  #makeAnew(rows: Iterable<number>): void {
    for (const row of rows) {
      this.#connections.shown[row] = undefined;
      this.#connections.change(row);
    }
  }

  /** Other agents may speak now where an address has another owner. */
  #findReowned(names: NameResolver): void {
    const reowned = this.#owners.refresh(names);
    if (reowned.size === 0) return;
    const isAbout = (pair: number) =>
      reowned.has(this.#pairs.source(pair)) || reowned.has(this.#pairs.destination(pair));
    const { enter, leave, next } = this.#entries;
    const changed: number[] = [];
    for (const row of this.#connections.rows) {
      const members = [...(this.#connections.kept.get(row) ?? [])];
      for (let entry = this.#connections.head[row] as number; entry !== NONE; entry = next[entry] as number)
        members.push(entry);
      if (!members.some((entry) => isAbout(enter[entry] as number) || isAbout(leave[entry] as number))) continue;
      for (const entry of members) this.#claims.markDirty(enter[entry] as number);
      changed.push(row);
    }
    this.#makeAnew(changed);
  }

  #findRenamed(names: NameResolver): void {
    const { rows, shown, head, brokenRound } = this.#connections;
    const renamed: number[] = [];
    for (const row of rows) {
      const old = shown[row];
      if (old === undefined || brokenRound[row] === this.#connections.round) continue;
      const endpoints = this.#halves.complete(row, this.#findParties(row, old, names, this.#speaks(row, names)));
      if (equalEndpoints(endpoints, old as ConnectionEndpoints)) continue;
      renamed.push(row);
      const first = head[row] as number;
      // Names tell the order of those who saw the same.
      if (this.#entries.next[first] !== NONE) this.#claims.markDirty(this.#entries.enter[first] as number);
    }
    this.#makeAnew(renamed);
  }

  #findParties(
    row: number,
    start: Start,
    names: NameResolver,
    speaks: IsAuthoritative | undefined,
  ): ConnectionEndpoints {
    const { first, last, head } = this.#connections;
    const from = earliestTime(start, head[row] as number, this.#entries, this.#reader.agents, speaks);
    return resolveEndpoints(this.#pairs, first[row] as number, last[row] as number, from, start.firstSeenAt, names);
  }

  #speaks(row: number, names: NameResolver): IsAuthoritative | undefined {
    const { first, last, head } = this.#connections;
    return this.#speakers.ofChain(head[row] as number, first[row] as number, last[row] as number, names);
  }

  /** Returns whether any of them is to be seen. */
  #make(names: NameResolver, now: number | undefined): boolean {
    const connections = this.#connections;
    const { agents } = this.#reader;
    let made = false;
    for (const row of connections.takeChanged()) {
      const head = connections.head[row] as number;
      const old = connections.shown[row];
      const speaks = this.#speaks(row, names);
      const start = old ?? this.#start(row, speaks);
      const who =
        // What it was when it began stays so; but what is not certain, its end may tell.
        (old === undefined || isUncertain(old) ? undefined : (old as ConnectionEndpoints)) ??
        this.#halves.complete(row, connections.endpoints[row] ?? this.#findParties(row, start, names, speaks));
      const [first, last] = [connections.first[row] as number, connections.last[row] as number];
      const id = connections.id[row] as number;
      const connection = buildConnection(
        id,
        head,
        first,
        last,
        who,
        start,
        this.#entries,
        this.#pairs,
        agents,
        speaks,
        connections.disputed.get(row),
      );
      connections.endpoints[row] = undefined;
      if (this.#halves.hold(row, who, now)) {
        connections.shown[row] = connection;
        continue;
      }
      connections.publish(row, connection);
      made = true;
    }
    return made;
  }

  /** It is known when it began if one of those who saw it first saw it begin. */
  #start(row: number, speaks: IsAuthoritative | undefined): Start {
    const head = this.#connections.head[row] as number;
    const { agents } = this.#reader;
    const all = this.#connections.kept.get(row) ?? [];
    const kept = speaks === undefined ? all : all.filter(speaks);
    let firstSeenAt = firstSeen(head, this.#entries, agents, speaks);
    for (const entry of kept) firstSeenAt = Math.min(firstSeenAt, this.#kept.firstSeenAt(entry));
    const isKnown =
      isStartKnown(firstSeenAt, head, this.#entries, agents, speaks) ||
      Array.from(kept).some((entry) => this.#kept.firstSeenAt(entry) === firstSeenAt && this.#kept.startKnown(entry));
    return isKnown ? { firstSeenAt, startedAt: firstSeenAt } : { firstSeenAt };
  }
}

function settled({ node, stale }: AgentTable): WatchedAgent {
  return { node, status: stale ? 'lost' : 'live', polls: 0 };
}
