import type { CleanText } from '../format/sanitize.ts';

/** Entries of the kernel's table, from its own counter: it is read often, while polls of a large table are rare. */
export function entryCount({ poll, info }: AgentState): number | undefined {
  return info?.entries ?? poll?.entries;
}

/** How full the kernel's table is, from 0 to 1. */
export function tableUsage(agent: AgentState): number | undefined {
  const entries = entryCount(agent);
  const most = agent.info?.maxEntries;
  return entries === undefined || !most ? undefined : entries / most;
}

/**
 * An agent's status. `live`: its table is that of its last poll. `stale`: connected, but polls fail or do not come. `lost`:
 * not connected; the next attempt is at `retryAt`. Without `retryAt` the agent is gone, and only its last table is left. `unused`: its
 * node has another agent, so this one is not watched.
 */

export type AgentStatus =
  | { readonly kind: 'connecting' }
  | { readonly kind: 'live' }
  | { readonly kind: 'stale'; readonly reason: CleanText }
  | { readonly kind: 'lost'; readonly reason: CleanText; readonly retryAt?: number }
  | { readonly kind: 'unused'; readonly reason: CleanText };
/** The parts of GetAgent's reply that users need. Absent is unknown. */

export interface AgentInfo {
  readonly node: CleanText;
  readonly version: CleanText;
  readonly source: 'procfs' | 'netlink' | 'unknown';
  readonly path: CleanText;
  readonly accounting: 'on' | 'off' | 'unknown';
  readonly timestamping: 'on' | 'off' | 'unknown';
  readonly entries?: number;
  readonly maxEntries?: number;
  readonly counters?: Readonly<Record<string, number>>;
  readonly startedAt?: number;
  readonly unavailableReason?: CleanText;
  /** Why it reads its table in this way. */
  readonly sourceReason?: CleanText;
  /** A line of its table that it could not parse. */
  readonly unparsedSample?: CleanText;
}

/** The last poll that the agent reported. */

export interface AgentPoll {
  /** Unix time in milliseconds, by the agent's clock. */
  readonly observedAt: number;
  readonly entries: number;
  readonly unparsedLines: number;
  /** One of them. */
  readonly unparsedSample?: CleanText;
  readonly durationSeconds: number;
  /** Absent: it reported none, or an impossible one. */
  readonly intervalSeconds?: number;
  readonly skipped: boolean;
}

export interface AgentState {
  /** Stable name of the agent in this session: "namespace/pod", "host:port", "local". */
  readonly key: string;
  /** The node's name: in a cluster from Kubernetes, elsewhere the agent's claim. Until it is known, the key. */
  readonly node: CleanText;
  readonly namespace?: CleanText;
  readonly pod?: CleanText;
  /** In a cluster: the node that the agent claims, if it is another one. */
  readonly claimedNode?: CleanText;
  readonly status: AgentStatus;
  readonly info?: AgentInfo;
  readonly poll?: AgentPoll;
  /** Flows in its table. Absent until there is a table. */
  readonly flows?: number;
  /** Flows that were left out because there are too many: those with the lowest rates. Absent: none. */
  readonly omittedFlows?: number;
  /**
   * When its table was last known to be current, or until it has sent one, when it last replied: unix time in milliseconds, by
   * this machine's clock.
   */
  readonly lastSeenAt?: number;
}

/** The agents whose tables count: one for each node. */

export function usedAgents(agents: readonly AgentState[]): readonly AgentState[] {
  return agents.some(isUnused) ? agents.filter((agent) => !isUnused(agent)) : agents;
}

function isUnused({ status }: AgentState): boolean {
  return status.kind === 'unused';
}
