import type { CleanText } from '../format/sanitize.ts';
import type { NameResolver } from '../names/name-resolver.ts';
import type { AddressOwnersCache } from './address-owners.ts';
import type { Authority } from './authority.ts';
import { earliestTimeOf } from './connection-start.ts';
import type { ConnectionStore } from './connection-store.ts';
import { Disputes, describeDispute } from './disputes.ts';
import { type ConnectionEndpoints, resolveEndpoints } from './endpoints.ts';
import { Component, type EntryGraph, NONE } from './entry-graph.ts';
import { findCandidatePaths, findSimplePath, type Path } from './find-paths.ts';
import type { PastHops } from './past-hops.ts';
import { compareFreshness, firstSeenAt, sortObservers } from './path-order.ts';
import type { TableCursor } from './table-cursor.ts';
import type { TupleInterner } from './tuple-interner.ts';

const ONE_POSITION = [0];
const NO_PAST_HOPS: readonly number[] = [];

/** Finds the paths of changed components again, and assigns each to the connection that it continues, or to a new one. */
export class PathAssignment {
  readonly #entries: EntryGraph;
  readonly #pairs: TupleInterner;
  readonly #connections: ConnectionStore;
  readonly #pastHops: PastHops;
  readonly #agents: readonly (TableCursor | undefined)[];
  readonly #disputes: Disputes;
  readonly #authority: Authority;
  #component = new Component();
  /** Pairs whose component must be resolved again. */
  #dirty: number[] = [];
  /** Connections that are removed unless they get a path in this round. */
  #staleCandidates: number[] = [];
  #path: number[] = [];
  #positions: number[] = [];

  constructor(
    entries: EntryGraph,
    pairs: TupleInterner,
    connections: ConnectionStore,
    pastHops: PastHops,
    agents: readonly (TableCursor | undefined)[],
    owners: AddressOwnersCache,
    authority: Authority,
  ) {
    this.#entries = entries;
    this.#pairs = pairs;
    this.#connections = connections;
    this.#pastHops = pastHops;
    this.#agents = agents;
    this.#disputes = new Disputes(entries, pairs, owners, authority);
    this.#authority = authority;
  }

  /** The components of these pairs must be resolved again. */
  markDirty(...pairs: readonly number[]): void {
    for (const pair of pairs) this.#dirty.push(pair);
  }

  markStale(row: number): void {
    this.#staleCandidates.push(row);
  }

  resolveDirty(names: NameResolver): void {
    const entries = this.#entries;
    this.#component.begin();
    for (const pair of this.#dirty) {
      const only = entries.only(pair);
      if (only === NONE || entries.isPast(only)) {
        this.#assignComponent(pair, names);
        continue;
      }
      // A fast path for the usual case.
      const row = entries.connection[only] as number;
      if (row !== NONE) {
        const isAssigned =
          this.#connections.assignedRound[row] === this.#connections.round && this.#connections.head[row] === only;
        if (isAssigned) continue;
        this.#staleCandidates.push(row);
      }
      this.#path.length = 1;
      this.#path[0] = only;
      this.#assign(this.#path, ONE_POSITION, names);
    }
    this.#dirty = [];
  }

  #assignComponent(pair: number, names: NameResolver): void {
    const entries = this.#entries;
    const component = this.#component;
    if (!component.collect(pair, this.#pairs.end, entries)) return;
    for (const member of component.members) {
      const row = entries.connection[member] as number;
      if (row !== NONE) this.#staleCandidates.push(row);
    }
    if (this.#pastHops.size > 0) this.#dropRedundantPastHops();
    if (component.members.length > 0) this.#assignMembers(names);
  }

  #assignMembers(names: NameResolver): void {
    const entries = this.#entries;
    const disputed = this.#disputes.find(this.#component, names);
    if (disputed === undefined && findSimplePath(this.#component, entries, this.#path, this.#positions)) {
      this.#assign(this.#path, this.#positions, names);
      return;
    }
    const { enter, leave } = entries;
    const prefer = (a: number, b: number) => compareFreshness(a, b, entries, this.#agents, this.#pastHops);
    const paths = findCandidatePaths(
      this.#component,
      entries,
      prefer,
      (entry) => disputed?.refused.has(entry) === true,
    );
    // A past hop without a current hop on its path is dropped, so that it neither contradicts nor connects other entries.
    const isSeen = (one: Path) => one.entries.some((entry) => !entries.isPast(entry));
    const onSeenPath = new Set(paths?.filter(isSeen).flatMap(({ entries }) => entries));
    if (this.#dropPastHops((hop) => !onSeenPath.has(hop))) {
      this.#assignParts(names);
      return;
    }
    for (const { entries, positions } of paths ?? []) {
      const passed = entries.flatMap((entry) => [enter[entry] as number, leave[entry] as number]);
      this.#assign([...entries], positions, names, disputed && describeDispute(passed, disputed));
    }
    // A refused entry becomes a separate connection with its agent's statement.
    for (const [entry, text] of disputed?.refused ?? []) this.#assign([entry], ONE_POSITION, names, text);
  }

  /** Assigns the parts of a component that falls apart without the dropped entries. */
  #assignParts(names: NameResolver): void {
    const pairs = [...this.#component.pairs];
    this.#component.release(pairs);
    for (const pair of pairs)
      if (this.#component.collect(pair, this.#pairs.end, this.#entries)) this.#assignMembers(names);
  }

  /** Drops past hops that a node sees again, and duplicates. */
  #dropRedundantPastHops(): void {
    if (!this.#component.members.some((member) => this.#entries.isPast(member))) return;
    const { enter, leave } = this.#entries;
    const seen = new Set<string>();
    const hopKey = (entry: number, node: string | undefined) => `${enter[entry]} ${leave[entry]} ${node}`;
    for (const member of this.#component.members) {
      const agent = this.#agents[this.#entries.agent[member] as number];
      if (agent !== undefined) seen.add(hopKey(member, agent.node));
    }
    this.#dropPastHops((hop) => {
      const known = hopKey(hop, this.#pastHops.node(hop));
      if (seen.has(known)) return true;
      seen.add(known);
      return false;
    });
  }

  /** Returns whether there was any. */
  #dropPastHops(isRedundant: (hop: number) => boolean): boolean {
    const { members } = this.#component;
    const needed = members.filter((member) => !this.#entries.isPast(member) || !isRedundant(member));
    if (needed.length === members.length) return false;
    const still = new Set(needed);
    for (const member of members) if (!still.has(member)) this.#pastHops.drop(member);
    members.splice(0, members.length, ...needed);
    return true;
  }

  /** Assigns a path to the connection that it continues, or to a new one. */
  #assign(fullPath: number[], fullPositions: readonly number[], names: NameResolver, disputed?: CleanText): void {
    const connections = this.#connections;
    const entries = this.#entries;
    const first = entries.enter[fullPath[0] as number] as number;
    const last = entries.leave[fullPath.at(-1) as number] as number;
    let path = fullPath;
    let positions = fullPositions;
    let pastHops = NO_PAST_HOPS;
    if (this.#pastHops.size > 0 && fullPath.some((entry) => entries.isPast(entry))) {
      pastHops = fullPath.filter((entry) => entries.isPast(entry));
      ({ path, positions } = withoutPastHops(fullPath, fullPositions, entries));
    }
    if (path.length === 0) {
      for (const one of pastHops) this.#pastHops.drop(one);
      return;
    }
    const endpoints =
      positions.length < path.length ? this.#sortPositions(path, positions, first, last, names) : undefined;
    let generation = 0;
    for (const member of path) generation = Math.max(generation, entries.generation[member] as number);
    const row = this.#findContinued(fullPath, first, last, generation) ?? connections.add();
    const isSame =
      connections.head[row] !== NONE &&
      connections.brokenRound[row] !== connections.round &&
      connections.first[row] === first &&
      connections.last[row] === last &&
      connections.hasPath(row, path, entries) &&
      (connections.pastHops.get(row)?.join() ?? '') === pastHops.join() &&
      connections.disputed.get(row) === disputed;
    connections.assignedRound[row] = connections.round;
    connections.generation[row] = Math.max(generation, connections.generation[row] as number);
    if (isSame) return;
    connections.setPath(row, path, entries);
    connections.first[row] = first;
    connections.last[row] = last;
    for (const one of pastHops) entries.connection[one] = row;
    if (pastHops.length > 0) connections.pastHops.set(row, pastHops);
    else connections.pastHops.delete(row);
    if (disputed === undefined) connections.disputed.delete(row);
    else connections.disputed.set(row, disputed);
    connections.shown[row] = undefined;
    // Past hops may have an earlier start.
    connections.endpoints[row] = pastHops.length > 0 ? undefined : endpoints;
    connections.change(row);
  }

  /** The oldest connection that this path continues. */
  #findContinued(fullPath: readonly number[], first: number, last: number, generation: number): number | undefined {
    const connections = this.#connections;
    const { connection, enter, leave } = this.#entries;
    let row: number | undefined;
    let before = NONE;
    let passed: Set<number> | undefined;
    for (const member of fullPath) {
      const candidate = connection[member] as number;
      if (candidate === NONE || candidate === before || connections.assignedRound[candidate] === connections.round)
        continue;
      before = candidate;
      // It is from before the tuple was reused.
      if ((connections.generation[candidate] as number) < generation) continue;
      // It has another source or destination.
      const [from, to] = [connections.first[candidate], connections.last[candidate]];
      if (from !== first || to !== last)
        passed ??= new Set(fullPath.flatMap((one) => [enter[one] as number, leave[one] as number]));
      if (from !== first && !passed?.has(from as number)) continue;
      if (to !== last && !passed?.has(to as number)) continue;
      if (row === undefined || (connections.id[candidate] as number) < (connections.id[row] as number)) row = candidate;
    }
    return row;
  }

  /** Sorts the observers at each position. Returns the endpoints that it resolved for that. */
  #sortPositions(
    path: number[],
    positions: readonly number[],
    first: number,
    last: number,
    names: NameResolver,
  ): ConnectionEndpoints {
    const isAuthoritative = this.#authority.forEntries(path, first, last, names);
    const authoritative = isAuthoritative === undefined ? path : path.filter(isAuthoritative);
    let at = Number.POSITIVE_INFINITY;
    for (const member of authoritative) at = Math.min(at, firstSeenAt(member, this.#entries, this.#agents));
    const from = earliestTimeOf(at, authoritative, this.#entries, this.#agents);
    const endpoints = resolveEndpoints(this.#pairs, first, last, from, at, names);
    sortObservers(path, positions, endpoints, this.#entries, this.#agents);
    return endpoints;
  }

  /** Call it when all paths are assigned. Returns the removed connections: rows, which are free now. */
  drop(): readonly number[] {
    const connections = this.#connections;
    const dropped: number[] = [];
    for (const row of this.#staleCandidates) {
      if (connections.assignedRound[row] === connections.round) continue;
      // A row may be listed more than once.
      connections.assignedRound[row] = connections.round;
      connections.remove(row);
      dropped.push(row);
    }
    this.#staleCandidates = [];
    return dropped;
  }
}

/** A path and its positions without past hops: they show where it leads, but are not shown as hops. */
function withoutPastHops(fullPath: readonly number[], fullPositions: readonly number[], entries: EntryGraph) {
  const path: number[] = [];
  const positions: number[] = [];
  for (const [index, from] of fullPositions.entries()) {
    const to = fullPositions[index + 1] ?? fullPath.length;
    const seen = fullPath.slice(from, to).filter((entry) => !entries.isPast(entry));
    if (seen.length === 0) continue;
    positions.push(path.length);
    path.push(...seen);
  }
  return { path, positions };
}
