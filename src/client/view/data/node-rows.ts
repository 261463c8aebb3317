import type { AgentState, Connection } from '../../model.ts';
import { fillOf } from '../../table/table-fill.ts';
import { each, type Steps } from './steps.ts';
import { Traffic } from './traffic.ts';

export interface NodeRow {
  readonly node: string;
  readonly agent: AgentState;
  /** Connections that this node's agent saw. */
  readonly traffic: Traffic;
  /** How full the kernel's table is, 0 to 1. */
  readonly fill?: number;
}

export function* nodeRows(agents: readonly AgentState[], connections: readonly Connection[]): Steps<NodeRow[]> {
  const traffic = new Map(agents.map((agent) => [agent.key, new Traffic()]));
  yield* each(connections, (connection) => {
    for (const hop of connection.hops) traffic.get(hop.agent)?.add(connection);
  });
  return agents.map((agent) => {
    const fill = fillOf(agent);
    return {
      node: agent.node,
      agent,
      traffic: traffic.get(agent.key) ?? new Traffic(),
      ...(fill === undefined ? {} : { fill }),
    };
  });
}
