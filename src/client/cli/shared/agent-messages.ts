import { type CleanText, cleanText, sentence } from '../../format/sanitize.ts';
import type { AgentState } from '../../model/agent.ts';
import type { CollectedSnapshot } from './collect.ts';

/** A line for each agent whose data is missing or old. */
export function describeMissingAgents(collected: CollectedSnapshot): string[] {
  return collected.missing.map(({ agent, why }) => `${formatAgentName(agent)}: ${why}`);
}

/** "node1 (kflow/kflow-daemon-x7k2p)", or the agent's key if its pod is not known. */
export function formatAgentName({ node, namespace, pod, key }: AgentState): CleanText {
  const place = pod === undefined || namespace === undefined ? cleanText(key) : sentence`${namespace}/${pod}`;
  return place === node ? node : sentence`${node} (${place})`;
}
