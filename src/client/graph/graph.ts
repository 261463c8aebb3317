import type { AgentState } from '../model/agent.ts';
import type { Grouping, GroupingContext } from '../traffic/grouping.ts';
import { TrafficSummary } from '../traffic/traffic.ts';

export interface Vertex {
  readonly name: string;
  /** What it stands for, in a word: "node", "namespace", "Deployment", "outside" … */
  readonly kind: string;
  /** All that passes it, each connection once. Sent is what leaves it. */
  readonly traffic: TrafficSummary;
  /** Of that, what has both its ends in it. */
  readonly within: TrafficSummary;
}

export interface Edge {
  /** `from` sorts before `to`: there is one edge, whichever side is the client. Sent is from `from` to `to`. */
  readonly from: string;
  readonly to: string;
  readonly traffic: TrafficSummary;
  /** Of its connections, those that `from` asked for. */
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

/** The nodes that have a box though they have no traffic. */
export function nodesWithAgents({ grouping }: GroupingContext, agents: readonly AgentState[]): string[] {
  return grouping === 'node' ? [...new Set(agents.map(({ node }) => node))] : [];
}

/** Some of it gets no answer and nothing else moves: what was answered before lingers in the tables, and is no comfort. */
export function isFailing({ rate, unanswered, connections }: TrafficSummary): boolean {
  return unanswered > 0 && (unanswered === connections || !rate);
}

/** What one of several goes by: its rate, and something for what is unanswered or not accounted for. */
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
