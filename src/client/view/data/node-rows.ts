import type { AgentState, Connection } from '../../model.ts';
import { fillOf } from '../../table/table-fill.ts';
import { each, type Steps } from './steps.ts';
import { Traffic } from './traffic.ts';

export interface NodeRow {
  readonly node: string;
  readonly agent: AgentState;
  readonly traffic: Traffic;
  /** Those that this node's agent saw. */
  readonly connections: readonly Connection[];
  /** How full the kernel's table is, 0 to 1. */
  readonly fill?: number;
}

export function* nodeRows(agents: readonly AgentState[], connections: readonly Connection[]): Steps<NodeRow[]> {
  const rows = agents.map((agent) => {
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
  const byAgent = new Map(rows.map((row) => [row.agent.key, row]));
  yield* each(connections, (connection) => {
    for (const hop of connection.hops) {
      const row = byAgent.get(hop.agent);
      // One that passes a node twice is one that it saw.
      if (row === undefined || row.connections.at(-1) === connection) continue;
      row.traffic.add(connection);
      row.connections.push(connection);
    }
  });
  return rows;
}
