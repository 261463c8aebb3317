import type { AgentState } from '../model.ts';

/** Those whose tables count: of several agents of a node, one. */
export function usedAgents(agents: readonly AgentState[]): readonly AgentState[] {
  return agents.some(isUnused) ? agents.filter((agent) => !isUnused(agent)) : agents;
}

function isUnused({ status }: AgentState): boolean {
  return status.kind === 'unused';
}
