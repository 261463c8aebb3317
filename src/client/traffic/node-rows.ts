import { type ChunkedWork, forEachChunked } from '../async/chunked-work.ts';
import { type AgentState, tableUsage, usedAgents } from '../model/agent.ts';
import type { Connection } from '../model/connection.ts';
import { groupingContext, visitNodes } from './grouping.ts';
import { TrafficSummary } from './traffic.ts';

export interface NodeRow {
  readonly node: string;
  readonly agent: AgentState;
  readonly traffic: TrafficSummary;
  /** The traffic that passes the node. */
  readonly connections: readonly Connection[];
  /** How full the kernel's table is, 0 to 1. */
  readonly fill?: number;
}

export function* nodeRows(agents: readonly AgentState[], connections: readonly Connection[]): ChunkedWork<NodeRow[]> {
  const rows = usedAgents(agents).map((agent): NodeRow & { readonly connections: Connection[] } => {
    const fill = tableUsage(agent);
    const seen: Connection[] = [];
    return {
      node: agent.node,
      agent,
      traffic: new TrafficSummary(),
      connections: seen,
      ...(fill === undefined ? {} : { fill }),
    };
  });
  const byNode = new Map<string, typeof rows>();
  for (const row of rows) byNode.set(row.node, [...(byNode.get(row.node) ?? []), row]);
  const context = groupingContext('node', agents);
  yield* forEachChunked(connections, (connection) => {
    visitNodes(connection, context, (node, arrives) => {
      for (const { traffic, connections: passing } of byNode.get(node) ?? []) {
        traffic.add(connection, arrives);
        passing.push(connection);
      }
    });
  });
  return rows;
}
