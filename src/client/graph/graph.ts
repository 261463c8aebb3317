import type { AgentState } from '../model/agent.ts';
import type { Grouping, GroupingContext } from '../traffic/grouping.ts';
import { TrafficSummary } from '../traffic/traffic.ts';

export interface Vertex {
  readonly name: string;
  /** Its kind: "node", "namespace", "Deployment", "outside" … */
  readonly kind: string;
  /** The traffic through it, each connection once. Sent is what leaves it. */
  readonly traffic: TrafficSummary;
  /** The part with both ends in it. */
  readonly within: TrafficSummary;
}

export interface Edge {
  /** `from` sorts before `to`: there is one edge for both directions. Sent is from `from` to `to`. */
  readonly from: string;
  readonly to: string;
  readonly traffic: TrafficSummary;
  /** How many of its connections have their client in `from`. */
  initiatedByFrom: number;
}

export interface Graph {
  readonly boxes: ReadonlyMap<string, Vertex>;
  readonly edges: ReadonlyMap<string, Edge>;
}

export function edgeKey(a: string, b: string): string {
  return a < b ? `${a}\n${b}` : `${b}\n${a}`;
}

export function newVertex(name: string, kind: string): Vertex {
  return { name, kind, traffic: new TrafficSummary(), within: new TrafficSummary() };
}

export function newEdge(a: string, b: string): Edge {
  const [from, to] = a < b ? [a, b] : [b, a];
  return { from, to, traffic: new TrafficSummary(), initiatedByFrom: 0 };
}

/** The nodes that have a box even without traffic. */
export function nodesWithAgents({ grouping }: GroupingContext, agents: readonly AgentState[]): string[] {
  return grouping === 'node' ? [...new Set(agents.map(({ node }) => node))] : [];
}

/** Some requests are unanswered and no bytes move. Older connections with replies stay in the tables for a while, so they do not count. */
export function isFailing({ rate, unanswered, connections }: TrafficSummary): boolean {
  return unanswered > 0 && (unanswered === connections || !rate);
}

/** The weight for choosing edges: the rate, plus a share for unanswered connections and unknown rates. */
export function edgeWeight({ rate, unanswered, connections }: TrafficSummary): number {
  return (rate ?? 0) + unanswered * 1000 + connections;
}

/** As kubectl shortens them. */
export const KINDS: Readonly<Record<string, string>> = {
  namespace: 'ns',
  service: 'svc',
  Deployment: 'deploy',
  StatefulSet: 'sts',
  DaemonSet: 'ds',
  ReplicaSet: 'rs',
  CronJob: 'cron',
  address: 'ip',
};
export function formatKind(kind: string): string {
  return KINDS[kind] ?? kind.toLowerCase();
}

/** The name of a box's or an edge's rates over time. */

export function graphSeries(grouping: Grouping, key: string): string {
  const [from = '', to] = key.split('\n');
  return `${grouping} ${to === undefined ? from : edgeKey(from, to)}`;
}
