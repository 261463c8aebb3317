import { type CleanText, sentence } from '../format/sanitize.ts';
import type { AgentStatus } from '../model/agent.ts';
import { type ConnectionEndpoints, nodeOfEndpoint } from './endpoints.ts';

/** An agent, with or without a table. */
export interface WatchedAgent {
  readonly node: CleanText;
  readonly status: WatchedStatus;
  /** How many complete polls it has reported. */
  readonly polls: number;
}

/** Unused agents are not watched. */
export type WatchedStatus = Exclude<AgentStatus['kind'], 'unused'>;

interface NodeWatch {
  readonly status: WatchedStatus;
  readonly polls: number;
}

const STATUS_ORDER: readonly WatchedStatus[] = ['live', 'connecting', 'stale', 'lost'];

/** The nodes with agents, and the status of these. */
export class WatchedNodes {
  #nodes = new Map<string, NodeWatch>();

  /** Returns whether the status of a node has changed. */
  set(agents: readonly WatchedAgent[]): boolean {
    const nodes = new Map<string, NodeWatch>();
    for (const { node, status, polls } of agents) {
      const known = nodes.get(node);
      const better =
        known === undefined || STATUS_ORDER.indexOf(status) < STATUS_ORDER.indexOf(known.status)
          ? status
          : known.status;
      nodes.set(node, { status: better, polls: polls + (known?.polls ?? 0) });
    }
    const changed =
      nodes.size !== this.#nodes.size ||
      [...nodes].some(([node, { status }]) => this.#nodes.get(node)?.status !== status);
    this.#nodes = nodes;
    return changed;
  }

  /** The node has a live or connecting agent that may still report a missing hop. */
  isAwaited(node: string): boolean {
    const status = this.#nodes.get(node)?.status;
    return status === 'live' || status === 'connecting';
  }

  polls(node: string): number {
    return this.#nodes.get(node)?.polls ?? 0;
  }

  /** Why the node has no hop. */
  reason(node: CleanText): CleanText {
    const status = this.#nodes.get(node)?.status;
    if (status === undefined) return sentence`no agent on ${node}`;
    return status === 'live' ? sentence`not seen on ${node}` : sentence`agent on ${node} ${status}`;
  }
}

const NONE_MISSING: readonly CleanText[] = [];

/**
 * The nodes that should have seen a connection between these endpoints but have not: packets pass the kernel of the source's node and
 * that of the destination's.
 */
export function missingNodes(
  { source, destination }: ConnectionEndpoints,
  isSeenOn: (node: string) => boolean,
): readonly CleanText[] {
  const from = nodeOfEndpoint(source);
  const to = nodeOfEndpoint(destination);
  const lacksFrom = from !== undefined && !isSeenOn(from);
  const lacksTo = to !== undefined && to !== from && !isSeenOn(to);
  if (!lacksFrom && !lacksTo) return NONE_MISSING;
  return [...(lacksFrom ? [from] : []), ...(lacksTo ? [to] : [])];
}
