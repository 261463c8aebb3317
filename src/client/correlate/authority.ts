import type { CleanText } from '../format/sanitize.ts';
import type { NameResolver } from '../names/name-resolver.ts';
import type { AddressOwnersCache } from './address-owners.ts';
import { type EntryGraph, NONE } from './entry-graph.ts';
import type { PastHops } from './past-hops.ts';
import type { TableCursor } from './table-cursor.ts';
import type { TupleInterner } from './tuple-interner.ts';

/** Whether an entry's state and counters count, and not only that its node saw the connection. */
export type IsAuthoritative = (entry: number) => boolean;

/**
 * Decides which entries are authoritative: state, rates, totals and times of a connection come from the agents of its source's and
 * its destination's nodes; other agents add hops. If neither has an entry, or Kubernetes knows neither address, all entries are.
 */
export class Authority {
  readonly #entries: EntryGraph;
  readonly #pairs: TupleInterner;
  readonly #pastHops: PastHops;
  readonly #owners: AddressOwnersCache;
  readonly #agents: readonly (TableCursor | undefined)[];

  constructor(
    entries: EntryGraph,
    pairs: TupleInterner,
    pastHops: PastHops,
    owners: AddressOwnersCache,
    agents: readonly (TableCursor | undefined)[],
  ) {
    this.#entries = entries;
    this.#pairs = pairs;
    this.#pastHops = pastHops;
    this.#owners = owners;
    this.#agents = agents;
  }

  /** The node whose agent has or had the entry. */
  nodeOf(entry: number): CleanText | undefined {
    if (this.#entries.isPast(entry)) return this.#pastHops.node(entry);
    return this.#agents[this.#entries.agent[entry] as number]?.node;
  }

  /** For a chain of entries. Undefined: all are authoritative. */
  forChain(head: number, first: number, last: number, names: NameResolver): IsAuthoritative | undefined {
    const { next } = this.#entries;
    if (next[head] === NONE) return undefined;
    const source = this.#sourceNodes(first, names);
    const destination = this.#destinationNodes(last, names);
    if (source === undefined && destination === undefined) return undefined;
    let authoritative = 0;
    let count = 0;
    for (let entry = head; entry !== NONE; entry = next[entry] as number) {
      count++;
      if (this.#isOf(entry, source, destination)) authoritative++;
    }
    return authoritative === 0 || authoritative === count
      ? undefined
      : (entry) => this.#isOf(entry, source, destination);
  }

  /** The same for entries that are not chained yet. */
  forEntries(
    members: readonly number[],
    first: number,
    last: number,
    names: NameResolver,
  ): IsAuthoritative | undefined {
    const source = this.#sourceNodes(first, names);
    const destination = this.#destinationNodes(last, names);
    if (source === undefined && destination === undefined) return undefined;
    const isAuthoritative = (entry: number) => this.#isOf(entry, source, destination);
    return members.some(isAuthoritative) && !members.every(isAuthoritative) ? isAuthoritative : undefined;
  }

  /** `first` is the pair with which the source sends. */
  #sourceNodes(first: number, names: NameResolver): readonly string[] | undefined {
    return this.#owners.of(this.#pairs.source(first), names)?.nodes;
  }

  /** `last` is the pair with which the destination receives. */
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
