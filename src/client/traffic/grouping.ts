import { formatEndpoint, isUnknownClient } from '../format/connection.ts';
import type { AgentState } from '../model/agent.ts';
import type { Connection, Endpoint } from '../model/connection.ts';

export const GROUPINGS = ['node', 'namespace', 'workload'] as const;
export type Grouping = (typeof GROUPINGS)[number];

/** The box of everything outside the cluster. No name in a cluster has parentheses. */
export const OUTSIDE = '(outside)';

const LOOPBACK = /^(127\.|::1$|::ffff:127\.)/;

/** Input of grouping apart from the connection. */
export interface GroupingContext {
  readonly grouping: Grouping;
  /** The watched node, if there is only one: its peers are then shown one by one. */
  readonly onlyNode?: string;
}

export function groupingContext(grouping: Grouping, agents: readonly AgentState[]): GroupingContext {
  const nodes = new Set(agents.map(({ node }) => node));
  const [onlyNode] = nodes.size === 1 ? nodes : [];
  return onlyNode === undefined ? { grouping } : { grouping, onlyNode };
}

/** The group of a box. One object per name and grouper: compare by identity. */
export interface Group {
  /** Counts up from 0 in its grouper. */
  readonly id: number;
  readonly name: string;
  /** "node", "namespace", "pod", "service", "outside", "address", or a workload's kind as the API writes it. */
  readonly kind: string;
}

/** Finds the boxes that connections pass, and caches the groups of addresses and nodes. */
export class Grouper {
  readonly #context: GroupingContext;
  readonly #groups = new Map<string, Group>();
  readonly #ends = new Map<Endpoint, Group>();
  readonly #path: Group[] = [];

  constructor(context: GroupingContext) {
    this.#context = context;
  }

  /** How many addresses it remembers. */
  get addresses(): number {
    return this.#ends.size;
  }

  /**
   * The boxes from source to destination, each once; at least one. The same array is filled again by the next call.
   */
  pathOf(connection: Connection): readonly Group[] {
    const path = this.#path;
    const source = this.#end(connection.source);
    const destination = this.#end(connection.destination);
    path.length = 1;
    path[0] = source;
    if (this.#context.grouping === 'node') {
      for (const { node } of connection.hops) {
        if (node === source.name || node === destination.name) continue;
        const passed = this.group(node, 'node');
        if (!path.includes(passed)) path.push(passed);
      }
    }
    if (destination !== source) path.push(destination);
    return path;
  }

  group(name: string, kind: string): Group {
    let group = this.#groups.get(name);
    if (group === undefined) {
      group = { id: this.#groups.size, name, kind };
      this.#groups.set(name, group);
    }
    return group;
  }

  #end(endpoint: Endpoint): Group {
    let group = this.#ends.get(endpoint);
    if (group === undefined) {
      const { name, kind } = endpointGroup(endpoint, this.#context);
      group = this.group(name, kind);
      this.#ends.set(endpoint, group);
    }
    return group;
  }
}

/**
 * The nodes that a connection passes, each once: those of its endpoints, and those whose agents saw it. This is the only
 * definition of a node's traffic, also for the graph by node. `arrives`: it only ends there.
 */
export function visitNodes(
  { source, destination, hops }: Connection,
  context: GroupingContext,
  visit: (node: string, arrives: boolean) => void,
): void {
  const first = nodeOf(source, context);
  const last = nodeOf(destination, context);
  if (first !== undefined) visit(first, false);
  for (let i = 0; i < hops.length; i++) {
    const node = hops[i]?.node;
    if (node === undefined || node === first || node === last) continue;
    let isNew = true;
    for (let before = 0; before < i; before++) if (hops[before]?.node === node) isNew = false;
    if (isNew) visit(node, false);
  }
  if (last !== undefined && last !== first) visit(last, true);
}

/** The names of the boxes that a connection passes, from source to destination, each once; at least one. */
export function pathOf(connection: Connection, context: GroupingContext): string[] {
  return new Grouper(context).pathOf(connection).map(({ name }) => name);
}

function endpointGroup(endpoint: Endpoint, context: GroupingContext): { name: string; kind: string } {
  const node = context.grouping === 'node' ? nodeOf(endpoint, context) : undefined;
  return node === undefined ? groupFor(endpoint, context) : { name: node, kind: 'node' };
}

function nodeOf(endpoint: Endpoint, context: GroupingContext): string | undefined {
  if (endpoint.node !== undefined) return endpoint.node;
  if (endpoint.kind === 'node') return endpoint.name;
  return context.onlyNode !== undefined && LOOPBACK.test(endpoint.address) ? context.onlyNode : undefined;
}

/** The box of one endpoint. An unknown address has its own box. */
export function groupFor(endpoint: Endpoint, context: GroupingContext): { name: string; kind: string } {
  if (endpoint.kind === 'external') {
    if (context.onlyNode === undefined) return { name: OUTSIDE, kind: 'outside' };
    return { name: endpoint.name ?? endpoint.address, kind: 'outside' };
  }
  if (endpoint.kind === 'node') return { name: endpoint.name ?? endpoint.address, kind: 'node' };
  if (isUnknownClient(endpoint)) return { name: formatEndpoint(endpoint), kind: 'address' };
  if (context.grouping === 'namespace' && endpoint.namespace !== undefined)
    return { name: endpoint.namespace, kind: 'namespace' };
  const workload = context.grouping === 'workload' ? endpoint.workload : undefined;
  const name = workload?.name ?? endpoint.name;
  if (context.grouping === 'namespace' || name === undefined) return { name: endpoint.address, kind: 'address' };
  const scoped = endpoint.namespace === undefined ? name : `${endpoint.namespace}/${name}`;
  if (endpoint.kind === 'service') return { name: `svc ${scoped}`, kind: 'service' };
  return { name: scoped, kind: workload?.kind ?? endpoint.kind ?? 'address' };
}

export function isSameGrouping(a: GroupingContext, b: GroupingContext): boolean {
  return a.grouping === b.grouping && a.onlyNode === b.onlyNode;
}
