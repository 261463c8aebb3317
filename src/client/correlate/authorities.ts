import type { CleanText } from '../format/sanitize.ts';
import type { NameResolver } from '../names/name-resolver.ts';
import type { AddressOwnersCache } from './address-owners.ts';
import type { TableCursor } from './agent-input.ts';
import { type EntryGraph, NONE } from './entry-graph.ts';
import type { KeptOrigins } from './kept-origins.ts';
import type { TupleInterner } from './tuple-interner.ts';

/** Whether what an entry tells of a connection counts beyond that its node saw it. */
export type IsAuthoritative = (entry: number) => boolean;

/**
 * State, rates, totals and times of a connection come from the agents of its source's and its destination's nodes; others add
 * hops. Where neither has an entry, or Kubernetes knows neither address, all that saw it are heard.
 */
export class Authorities {
  readonly #entries: EntryGraph;
  readonly #pairs: TupleInterner;
  readonly #kept: KeptOrigins;
  readonly #owners: AddressOwnersCache;
  readonly #agents: readonly (TableCursor | undefined)[];

  constructor(
    entries: EntryGraph,
    pairs: TupleInterner,
    kept: KeptOrigins,
    owners: AddressOwnersCache,
    agents: readonly (TableCursor | undefined)[],
  ) {
    this.#entries = entries;
    this.#pairs = pairs;
    this.#kept = kept;
    this.#owners = owners;
    this.#agents = agents;
  }

  /** The node whose agent has the entry, or had it. */
  nodeOf(entry: number): CleanText | undefined {
    if (this.#entries.isKept(entry)) return this.#kept.node(entry);
    return this.#agents[this.#entries.agent[entry] as number]?.node;
  }

  /** Of a chain of entries. Undefined: all are heard. */
  ofChain(head: number, first: number, last: number, names: NameResolver): IsAuthoritative | undefined {
    const { next } = this.#entries;
    if (next[head] === NONE) return undefined;
    const source = this.#sourceNodes(first, names);
    const destination = this.#destinationNodes(last, names);
    if (source === undefined && destination === undefined) return undefined;
    let heard = 0;
    let count = 0;
    for (let entry = head; entry !== NONE; entry = next[entry] as number) {
      count++;
      if (this.#isOf(entry, source, destination)) heard++;
    }
    return heard === 0 || heard === count ? undefined : (entry) => this.#isOf(entry, source, destination);
  }

  /** The same of entries that are no chain yet. */
  of(members: readonly number[], first: number, last: number, names: NameResolver): IsAuthoritative | undefined {
    const source = this.#sourceNodes(first, names);
    const destination = this.#destinationNodes(last, names);
    if (source === undefined && destination === undefined) return undefined;
    const speaks = (entry: number) => this.#isOf(entry, source, destination);
    return members.some(speaks) && !members.every(speaks) ? speaks : undefined;
  }

  /** `first` is the pair that the source sent by. */
  #sourceNodes(first: number, names: NameResolver): readonly string[] | undefined {
    return this.#owners.of(this.#pairs.source(first), names)?.nodes;
  }

  /** `last` is the pair by which the destination got it. */
  #destinationNodes(last: number, names: NameResolver): readonly string[] | undefined {
    return this.#owners.of(this.#pairs.destination(last), names)?.nodes;
  }

  #isOf(entry: number, source: readonly string[] | undefined, destination: readonly string[] | undefined): boolean {
    const node = this.nodeOf(entry);
    return has(source, node) || has(destination, node);
  }
}

function has(nodes: readonly string[] | undefined, node: string | undefined): boolean {
  if (nodes === undefined || node === undefined) return false;
  return nodes.length === 1 ? nodes[0] === node : nodes.includes(node);
}
