import type { AgentState, Connection } from '../model.ts';

/** A test for the connections that this agent sees. */
export function seenBy({ key }: AgentState): (connection: Connection) => boolean {
  return ({ hops }) => hops.some(({ agent }) => agent === key);
}
