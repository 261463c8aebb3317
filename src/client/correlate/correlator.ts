import { START_KNOWN } from '../../flow/columns.ts';
import type { Connection } from '../model/connection.ts';
import type { NameResolver } from '../names/name-resolver.ts';
import { AddressOwnersCache } from './address-owners.ts';
import { Authority, type IsAuthoritative } from './authority.ts';
import { buildConnection } from './build-connection.ts';
import { earliestTime, firstSeen, isStartKnown, type Start } from './connection-start.ts';
import { ConnectionStore } from './connection-store.ts';
import { type ConnectionEndpoints, equalEndpoints, isUncertain, resolveEndpoints } from './endpoints.ts';
import { EntryGraph, NONE } from './entry-graph.ts';
import type { WatchedAgent } from './expected-observers.ts';
import { IncompleteConnections } from './incomplete-connections.ts';
import { type PastHop, PastHops } from './past-hops.ts';
import { PathAssignment } from './path-assignment.ts';
import type { AgentTable, TableCursor } from './table-cursor.ts';
import { TableReader } from './table-reader.ts';
import { TupleInterner } from './tuple-interner.ts';

export type { WatchedAgent } from './expected-observers.ts';
export type { PastHop } from './past-hops.ts';
export type { AgentTable } from './table-cursor.ts';

/** All agents, including those without a table; and the time of a monotonic clock, in milliseconds. */
export interface AgentWatch {
  readonly agents: readonly WatchedAgent[];
  readonly now: number;
}

/**
 * Correlates the flows of several nodes into connections. The tuple that leaves a node (reply destination → reply source) enters the next
 * node (original source → original destination): client → Service → source NAT → backend is one connection with a hop for
 * each entry. An incomplete connection is held while the agent of the missing hop may still report it.
 *
 * The result depends only on the current tables and the past hops: hops may come in any order, and they merge
 * as soon as they are all there. Ids also depend on the past: a connection keeps its id when hops come and go, two that merge keep
 * the older id, and a reused tuple gets a new one. Memory is bounded by the tables.
 */
export class Correlator {
  #entries = new EntryGraph();
  #pairs = new TupleInterner();
  #connections = new ConnectionStore();
  #pastHops = new PastHops(this.#entries, this.#pairs);
  #owners = new AddressOwnersCache(this.#pairs.addresses);
  #authority: Authority;
  #reader: TableReader;
  #paths: PathAssignment;
  #incomplete: IncompleteConnections;
  #shown: readonly Connection[] = [];
  /** Pairs whose earlier past hops were dropped in this round, with `added` of the past hops at that time. */
  #forgottenPairs = new Map<number, number>();

  /** `pastHops`: those of another correlator of the same tables. */
  constructor(pastHops: readonly PastHop[] = []) {
    this.#reader = new TableReader(this.#entries, this.#pairs, {
      added: (entry) => this.#onAdded(entry),
      updated: (entry) => this.#onUpdated(entry),
      replaced: (entry) => this.#onReplaced(entry),
      removed: (entry) => this.#onRemoved(entry),
      reserve: (count) => this.#connections.reserve(count),
    });
    const { agents } = this.#reader;
    this.#authority = new Authority(this.#entries, this.#pairs, this.#pastHops, this.#owners, agents);
    this.#paths = new PathAssignment(
      this.#entries,
      this.#pairs,
      this.#connections,
      this.#pastHops,
      agents,
      this.#owners,
      this.#authority,
    );
    this.#incomplete = new IncompleteConnections(this.#entries, this.#pairs, this.#connections, this.#pastHops, agents);
    for (const pair of this.#pastHops.restore(pastHops)) this.#paths.markDirty(pair);
  }

  /** Hops that have ended, of connections that still exist. */
  get pastHops(): readonly PastHop[] {
    return this.#pastHops.list();
  }

  /** Incomplete connections that are not shown yet. */
  get held(): readonly Connection[] {
    return this.#incomplete.held;
  }

  /** When the next held connection must be shown, even without another update; by the clock of `AgentWatch`. */
  get dueAt(): number | undefined {
    return this.#incomplete.dueAt;
  }

  /**
   * Reads what changed in the tables and returns the connections, in no order. Connections that did not change are the
   * same objects as before; if none changed, so is the array. `namesChanged`: answers of `names` may differ from those
   * of the last call. Without `watching`, there are only the agents of the tables, and nothing is held.
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
      this.#rebuildAfterOwnerChange(names);
      this.#rebuildAfterNameChange(names);
    }
    this.#paths.resolveDirty(names);
    const dropped = this.#paths.drop();
    for (const row of dropped) this.#incomplete.forget(row);
    // Paths that were assigned just now are checked when they are built.
    this.#markForRebuild(this.#incomplete.watch(watching?.agents ?? inputs.map(toWatchedAgent)));
    const hasBuilt = this.#buildChanged(names, watching?.now);
    const released = this.#incomplete.release(watching?.now);
    for (const row of released) this.#connections.publish(row, this.#connections.shown[row] as Connection);
    this.#reader.finish();
    this.#pastHops.finish();
    this.#forgottenPairs.clear();
    if (dropped.length > 0 || hasBuilt || released.length > 0) this.#shown = this.#connections.list();
    return this.#shown;
  }

  #onAdded(entry: number): void {
    const enter = this.#entries.enter[entry] as number;
    this.#paths.markDirty(enter);
    if (this.#pastHops.size > 0 && (this.#entries.generation[entry] as number) > 0) this.#forgetAt(enter);
  }

  /** A reused tuple is not related to earlier connections with the same tuple. */
  #forgetAt(pair: number): void {
    if (this.#forgottenPairs.get(pair) === this.#pastHops.added) return;
    this.#forgottenPairs.set(pair, this.#pastHops.added);
    const entries = this.#entries;
    const meeting: number[] = [];
    for (let one = entries.firstEntering(pair); one !== NONE; one = entries.nextEntering(one)) meeting.push(one);
    for (let one = entries.firstLeaving(pair); one !== NONE; one = entries.nextLeaving(one)) meeting.push(one);
    for (const one of meeting.filter((entry) => entries.isPast(entry))) {
      this.#paths.markDirty(entries.enter[one] as number, entries.leave[one] as number);
      this.#pastHops.drop(one);
    }
  }

  #onUpdated(entry: number): void {
    const row = this.#entries.connection[entry] as number;
    if (row !== NONE) this.#connections.change(row);
  }

  #onReplaced(entry: number): void {
    const row = this.#entries.connection[entry] as number;
    if (row === NONE) return;
    this.#connections.brokenRound[row] = this.#connections.round;
    this.#paths.markDirty(this.#entries.enter[entry] as number);
  }

  #onRemoved(entry: number): void {
    const entries = this.#entries;
    const row = entries.connection[entry] as number;
    // Without this entry its component may fall apart: resolve both its pairs.
    this.#paths.markDirty(entries.enter[entry] as number, entries.leave[entry] as number);
    if (row === NONE) return;
    this.#connections.brokenRound[row] = this.#connections.round;
    this.#paths.markStale(row);
    const head = this.#connections.head[row] as number;
    const isOnly = head === entry && entries.next[entry] === NONE;
    if (isOnly) return;
    const agent = this.#reader.agents[entries.agent[entry] as number] as TableCursor;
    const slot = entries.slot[entry] as number;
    const startKnown = ((agent.columns.flags[slot] as number) & START_KNOWN) !== 0;
    this.#pastHops.keep(entry, {
      node: agent.node,
      firstSeenAt: agent.columns.firstSeenAt[slot] as number,
      startKnown,
    });
  }

  #markForRebuild(rows: Iterable<number>): void {
    for (const row of rows) {
      this.#connections.shown[row] = undefined;
      this.#connections.change(row);
    }
  }

  /** Other agents may be authoritative for an address with a new owner. */
  #rebuildAfterOwnerChange(names: NameResolver): void {
    const changedOwners = this.#owners.refresh(names);
    if (changedOwners.size === 0) return;
    const isAbout = (pair: number) =>
      changedOwners.has(this.#pairs.source(pair)) || changedOwners.has(this.#pairs.destination(pair));
    const { enter, leave, next } = this.#entries;
    const changed: number[] = [];
    for (const row of this.#connections.rows) {
      const members = [...(this.#connections.pastHops.get(row) ?? [])];
      for (let entry = this.#connections.head[row] as number; entry !== NONE; entry = next[entry] as number)
        members.push(entry);
      if (!members.some((entry) => isAbout(enter[entry] as number) || isAbout(leave[entry] as number))) continue;
      for (const entry of members) this.#paths.markDirty(enter[entry] as number);
      changed.push(row);
    }
    this.#markForRebuild(changed);
  }

  #rebuildAfterNameChange(names: NameResolver): void {
    const { rows, shown, head, brokenRound } = this.#connections;
    const renamed: number[] = [];
    for (const row of rows) {
      const old = shown[row];
      if (old === undefined || brokenRound[row] === this.#connections.round) continue;
      const endpoints = this.#incomplete.complete(
        row,
        this.#resolveEndpoints(row, old, names, this.#authoritativeEntries(row, names)),
      );
      if (equalEndpoints(endpoints, old as ConnectionEndpoints)) continue;
      renamed.push(row);
      const first = head[row] as number;
      // The order of observers depends on names.
      if (this.#entries.next[first] !== NONE) this.#paths.markDirty(this.#entries.enter[first] as number);
    }
    this.#markForRebuild(renamed);
  }

  #resolveEndpoints(
    row: number,
    start: Start,
    names: NameResolver,
    isAuthoritative: IsAuthoritative | undefined,
  ): ConnectionEndpoints {
    const { first, last, head } = this.#connections;
    const from = earliestTime(start, head[row] as number, this.#entries, this.#reader.agents, isAuthoritative);
    return resolveEndpoints(this.#pairs, first[row] as number, last[row] as number, from, start.firstSeenAt, names);
  }

  #authoritativeEntries(row: number, names: NameResolver): IsAuthoritative | undefined {
    const { first, last, head } = this.#connections;
    return this.#authority.forChain(head[row] as number, first[row] as number, last[row] as number, names);
  }

  /** Returns whether any of them is shown. */
  #buildChanged(names: NameResolver, now: number | undefined): boolean {
    const connections = this.#connections;
    const { agents } = this.#reader;
    let hasBuilt = false;
    for (const row of connections.takeChanged()) {
      const head = connections.head[row] as number;
      const old = connections.shown[row];
      const isAuthoritative = this.#authoritativeEntries(row, names);
      const start = old ?? this.#start(row, isAuthoritative);
      const endpoints =
        // Endpoints stay as they were at its start, unless they were uncertain.
        (old === undefined || isUncertain(old) ? undefined : (old as ConnectionEndpoints)) ??
        this.#incomplete.complete(
          row,
          connections.endpoints[row] ?? this.#resolveEndpoints(row, start, names, isAuthoritative),
        );
      const [first, last] = [connections.first[row] as number, connections.last[row] as number];
      const id = connections.id[row] as number;
      const connection = buildConnection(
        id,
        head,
        first,
        last,
        endpoints,
        start,
        this.#entries,
        this.#pairs,
        agents,
        isAuthoritative,
        connections.disputed.get(row),
      );
      connections.endpoints[row] = undefined;
      if (this.#incomplete.hold(row, endpoints, now)) {
        connections.shown[row] = connection;
        continue;
      }
      connections.publish(row, connection);
      hasBuilt = true;
    }
    return hasBuilt;
  }

  /** The start is known if one of the agents that saw it first saw it begin. */
  #start(row: number, isAuthoritative: IsAuthoritative | undefined): Start {
    const head = this.#connections.head[row] as number;
    const { agents } = this.#reader;
    const all = this.#connections.pastHops.get(row) ?? [];
    const pastHops = isAuthoritative === undefined ? all : all.filter(isAuthoritative);
    let firstSeenAt = firstSeen(head, this.#entries, agents, isAuthoritative);
    for (const entry of pastHops) firstSeenAt = Math.min(firstSeenAt, this.#pastHops.firstSeenAt(entry));
    const isKnown =
      isStartKnown(firstSeenAt, head, this.#entries, agents, isAuthoritative) ||
      Array.from(pastHops).some(
        (entry) => this.#pastHops.firstSeenAt(entry) === firstSeenAt && this.#pastHops.startKnown(entry),
      );
    return isKnown ? { firstSeenAt, startedAt: firstSeenAt } : { firstSeenAt };
  }
}

function toWatchedAgent({ node, stale }: AgentTable): WatchedAgent {
  return { node, status: stale ? 'lost' : 'live', polls: 0 };
}
