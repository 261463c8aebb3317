import { each, type Steps } from '../async/chunked-work.ts';
import { type AgentState, fillOf, usedAgents } from '../model/agent.ts';
import type { Connection } from '../model/connection.ts';
import { groupingOf, visitNodes } from './grouping.ts';
import { Traffic } from './traffic.ts';

export interface NodeRow {
  readonly node: string;
  readonly agent: AgentState;
  readonly traffic: Traffic;
  /** Those that pass the node. */
  readonly connections: readonly Connection[];
  /** How full the kernel's table is, 0 to 1. */
  readonly fill?: number;
}

export function* nodeRows(agents: readonly AgentState[], connections: readonly Connection[]): Steps<NodeRow[]> {
  const rows = usedAgents(agents).map((agent): NodeRow & { readonly connections: Connection[] } => {
    const fill = fillOf(agent);
    const seen: Connection[] = [];
    return {
      node: agent.node,
      agent,
      traffic: new Traffic(),
      connections: seen,
      ...(fill === undefined ? {} : { fill }),
    };
  });
  const byNode = new Map<string, typeof rows>();
  for (const row of rows) byNode.set(row.node, [...(byNode.get(row.node) ?? []), row]);
  const context = groupingOf('node', agents);
  yield* each(connections, (connection) => {
    visitNodes(connection, context, (node, arrives) => {
      for (const { traffic, connections: passing } of byNode.get(node) ?? []) {
        traffic.add(connection, arrives);
        passing.push(connection);
      }
    });
  });
  return rows;
}
