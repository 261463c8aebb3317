import { formatAgentName } from '../../format/agent.ts';
import type { CollectedSnapshot } from './collect.ts';

/** Returns a line for each agent whose data is missing or old. With -f, `status-reporter` reports each change. */
export function describeMissingAgents(collected: CollectedSnapshot): string[] {
  return collected.missing.map(({ agent, why }) => `${formatAgentName(agent)}: ${why}`);
}
