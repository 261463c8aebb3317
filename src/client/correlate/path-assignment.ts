import type { CleanText } from '../format/sanitize.ts';
import type { NameResolver } from '../names/name-resolver.ts';
import type { AddressOwnersCache } from './address-owners.ts';
import type { TableCursor } from './agent-input.ts';
import type { Authorities } from './authorities.ts';
import { earliestTimeOf } from './connection-start.ts';
import type { ConnectionStore } from './connection-store.ts';
import { Disputes, describeDispute } from './disputes.ts';
import { type ConnectionEndpoints, resolveEndpoints } from './endpoints.ts';
import { Component, type EntryGraph, NONE } from './entry-graph.ts';
import type { KeptOrigins } from './kept-origins.ts';
import { compareFreshness, firstSeenAt, sortObservers } from './path-order.ts';
import { findCandidatePaths, findSimplePath, type Path } from './paths.ts';
import type { TupleInterner } from './tuple-interner.ts';

const ONE_POSITION = [0];
const NOTHING_KEPT: readonly number[] = [];

/** Finds the paths of packets again where entries came or went, and gives each to the connection that it continues, or to a new one. */
export class PathAssignment {
  readonly #entries: EntryGraph;
  readonly #pairs: TupleInterner;
  readonly #connections: ConnectionStore;
  readonly #kept: KeptOrigins;
  readonly #agents: readonly (TableCursor | undefined)[];
  readonly #disputes: Disputes;
  readonly #speakers: Authorities;
  #component = new Component();
  /** Pairs whose component has to be resolved again. */
  #dirty: number[] = [];
  /** Connections that are gone unless a way claimed them in this round. */
  #staleCandidates: number[] = [];
  #way: number[] = [];
  #positions: number[] = [];

  constructor(
    entries: EntryGraph,
    pairs: TupleInterner,
    connections: ConnectionStore,
    kept: KeptOrigins,
    agents: readonly (TableCursor | undefined)[],
    owners: AddressOwnersCache,
    speakers: Authorities,
  ) {
    this.#entries = entries;
    this.#pairs = pairs;
    this.#connections = connections;
    this.#kept = kept;
    this.#agents = agents;
    this.#disputes = new Disputes(entries, pairs, owners, speakers);
    this.#speakers = speakers;
  }

  /** What hangs together with these pairs is to be resolved again. */
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
      if (only === NONE || entries.isKept(only)) {
        this.#settleComponent(pair, names);
        continue;
      }
      // The usual case, made quick.
      const row = entries.connection[only] as number;
      if (row !== NONE) {
        const isSettled =
          this.#connections.assignedRound[row] === this.#connections.round && this.#connections.head[row] === only;
        if (isSettled) continue;
        this.#staleCandidates.push(row);
      }
      this.#way.length = 1;
      this.#way[0] = only;
      this.#claim(this.#way, ONE_POSITION, names);
    }
    this.#dirty = [];
  }

  #settleComponent(pair: number, names: NameResolver): void {
    const entries = this.#entries;
    const component = this.#component;
    if (!component.collect(pair, this.#pairs.end, entries)) return;
    for (const member of component.members) {
      const row = entries.connection[member] as number;
      if (row !== NONE) this.#staleCandidates.push(row);
    }
    if (this.#kept.size > 0) this.#dropNeedless();
    if (component.members.length > 0) this.#settleMembers(names);
  }

  #settleMembers(names: NameResolver): void {
    const entries = this.#entries;
    const disputed = this.#disputes.find(this.#component, names);
    if (disputed === undefined && findSimplePath(this.#component, entries, this.#way, this.#positions)) {
      this.#claim(this.#way, this.#positions, names);
      return;
    }
    const { enter, leave } = entries;
    const prefer = (a: number, b: number) => compareFreshness(a, b, entries, this.#agents, this.#kept);
    const paths = findCandidatePaths(
      this.#component,
      entries,
      prefer,
      (entry) => disputed?.refused.has(entry) === true,
    );
    // What is kept and goes with nothing that is seen is forgotten, and then neither speaks against anybody nor ties the rest together.
    const isSeen = (one: Path) => one.entries.some((entry) => !entries.isKept(entry));
    const held = new Set(paths?.filter(isSeen).flatMap(({ entries }) => entries));
    if (this.#dropKept((kept) => !held.has(kept))) {
      this.#settleParts(names);
      return;
    }
    for (const { entries, positions } of paths ?? []) {
      const passed = entries.flatMap((entry) => [enter[entry] as number, leave[entry] as number]);
      this.#claim([...entries], positions, names, disputed && describeDispute(passed, disputed));
    }
    // What is refused is a connection of its own: its agent's word, and no more.
    for (const [entry, text] of disputed?.refused ?? []) this.#claim([entry], ONE_POSITION, names, text);
  }

  /** Settles what a component falls into without the entries that are dropped now. */
  #settleParts(names: NameResolver): void {
    const pairs = [...this.#component.pairs];
    this.#component.release(pairs);
    for (const pair of pairs)
      if (this.#component.collect(pair, this.#pairs.end, this.#entries)) this.#settleMembers(names);
  }

  /** What a node sees again, or what is kept twice. */
  #dropNeedless(): void {
    if (!this.#component.members.some((member) => this.#entries.isKept(member))) return;
    const { enter, leave } = this.#entries;
    const seen = new Set<string>();
    const sight = (entry: number, node: string | undefined) => `${enter[entry]} ${leave[entry]} ${node}`;
    for (const member of this.#component.members) {
      const agent = this.#agents[this.#entries.agent[member] as number];
      if (agent !== undefined) seen.add(sight(member, agent.node));
    }
    this.#dropKept((kept) => {
      const known = sight(kept, this.#kept.node(kept));
      if (seen.has(known)) return true;
      seen.add(known);
      return false;
    });
  }

  /** Returns whether there was any. */
  #dropKept(isNeedless: (kept: number) => boolean): boolean {
    const { members } = this.#component;
    const needed = members.filter((member) => !this.#entries.isKept(member) || !isNeedless(member));
    if (needed.length === members.length) return false;
    const still = new Set(needed);
    for (const member of members) if (!still.has(member)) this.#kept.drop(member);
    members.splice(0, members.length, ...needed);
    return true;
  }

  /** Gives a way to the connection that it continues, or to a new one. */
  #claim(whole: number[], wholePlaces: readonly number[], names: NameResolver, disputed?: CleanText): void {
    const connections = this.#connections;
    const entries = this.#entries;
    const first = entries.enter[whole[0] as number] as number;
    const last = entries.leave[whole.at(-1) as number] as number;
    let path = whole;
    let places = wholePlaces;
    let kept = NOTHING_KEPT;
    if (this.#kept.size > 0 && whole.some((entry) => entries.isKept(entry))) {
      kept = whole.filter((entry) => entries.isKept(entry));
      ({ way: path, places } = dropKeptOrigins(whole, wholePlaces, entries));
    }
    if (path.length === 0) {
      for (const one of kept) this.#kept.drop(one);
      return;
    }
    const endpoints = places.length < path.length ? this.#sortPlaces(path, places, first, last, names) : undefined;
    let generation = 0;
    for (const member of path) generation = Math.max(generation, entries.generation[member] as number);
    const row = this.#continued(whole, first, last, generation) ?? connections.add();
    const isSame =
      connections.head[row] !== NONE &&
      connections.brokenRound[row] !== connections.round &&
      connections.first[row] === first &&
      connections.last[row] === last &&
      connections.hasPath(row, path, entries) &&
      (connections.kept.get(row)?.join() ?? '') === kept.join() &&
      connections.disputed.get(row) === disputed;
    connections.assignedRound[row] = connections.round;
    connections.generation[row] = Math.max(generation, connections.generation[row] as number);
    if (isSame) return;
    connections.setPath(row, path, entries);
    connections.first[row] = first;
    connections.last[row] = last;
    for (const one of kept) entries.connection[one] = row;
    if (kept.length > 0) connections.kept.set(row, kept);
    else connections.kept.delete(row);
    if (disputed === undefined) connections.disputed.delete(row);
    else connections.disputed.set(row, disputed);
    connections.shown[row] = undefined;
    // Kept origins may tell more of when it began.
    connections.endpoints[row] = kept.length > 0 ? undefined : endpoints;
    connections.change(row);
  }

  /** The oldest connection that goes this way. */
  #continued(whole: readonly number[], first: number, last: number, generation: number): number | undefined {
    const connections = this.#connections;
    const { connection, enter, leave } = this.#entries;
    let row: number | undefined;
    let before = NONE;
    let passed: Set<number> | undefined;
    for (const member of whole) {
      const candidate = connection[member] as number;
      if (candidate === NONE || candidate === before || connections.assignedRound[candidate] === connections.round)
        continue;
      before = candidate;
      // It was about what used this tuple before.
      if ((connections.generation[candidate] as number) < generation) continue;
      // It came from elsewhere, or went elsewhere.
      const [from, to] = [connections.first[candidate], connections.last[candidate]];
      if (from !== first || to !== last)
        passed ??= new Set(whole.flatMap((one) => [enter[one] as number, leave[one] as number]));
      if (from !== first && !passed?.has(from as number)) continue;
      if (to !== last && !passed?.has(to as number)) continue;
      if (row === undefined || (connections.id[candidate] as number) < (connections.id[row] as number)) row = candidate;
    }
    return row;
  }

  /** Puts those who saw the same into order; what that needed to know is returned. */
  #sortPlaces(
    path: number[],
    places: readonly number[],
    first: number,
    last: number,
    names: NameResolver,
  ): ConnectionEndpoints {
    const speaks = this.#speakers.of(path, first, last, names);
    const heard = speaks === undefined ? path : path.filter(speaks);
    let at = Number.POSITIVE_INFINITY;
    for (const member of heard) at = Math.min(at, firstSeenAt(member, this.#entries, this.#agents));
    const from = earliestTimeOf(at, heard, this.#entries, this.#agents);
    const endpoints = resolveEndpoints(this.#pairs, first, last, from, at, names);
    sortObservers(path, places, endpoints, this.#entries, this.#agents);
    return endpoints;
  }

  /** To be called when all is settled. Returns the connections that are gone: rows, which are free now. */
  drop(): readonly number[] {
    const connections = this.#connections;
    const dropped: number[] = [];
    for (const row of this.#staleCandidates) {
      if (connections.assignedRound[row] === connections.round) continue;
      // A row may be named more than once.
      connections.assignedRound[row] = connections.round;
      connections.remove(row);
      dropped.push(row);
    }
    this.#staleCandidates = [];
    return dropped;
  }
}

/** A way and its places without the kept origins on it: they tell where it leads, but nobody sees it there. */
function dropKeptOrigins(whole: readonly number[], wholePlaces: readonly number[], entries: EntryGraph) {
  const path: number[] = [];
  const places: number[] = [];
  for (const [index, from] of wholePlaces.entries()) {
    const to = wholePlaces[index + 1] ?? whole.length;
    const seen = whole.slice(from, to).filter((entry) => !entries.isKept(entry));
    if (seen.length === 0) continue;
    places.push(path.length);
    path.push(...seen);
  }
  return { way: path, places };
}
