import type { AgentState } from '../model/agent.ts';
import { formatAge } from './numbers.ts';
import { describeOmitted } from './omitted-flows.ts';
import { type CleanText, cleanText, sentence } from './sanitize.ts';
import { describeUnparsedTable } from './unparsed-lines.ts';

/** "● live", "◌ connecting", "◐ stale 12 s", "✗ lost 3 m 10 s": a sign and a word, never colour alone. */
export function formatAgentStatus(agent: AgentState, now: number): string {
  const since = agent.lastSeenAt === undefined ? '' : ` ${formatAge(Math.floor((now - agent.lastSeenAt) / 1000))}`;
  switch (agent.status.kind) {
    case 'live':
      return '● live';
    case 'connecting':
      return '◌ connecting';
    case 'stale':
      return `◐ stale${since}`;
    case 'lost':
      return `✗ lost${since}`;
    case 'unused':
      return '– unused';
  }
}

/** Why it is stale, lost or unused, has no table or only a part of it; or that it claims another node. */

export function statusReason(agent: AgentState): string | undefined {
  if ('reason' in agent.status) return agent.status.reason;
  const claim = agent.claimedNode === undefined ? undefined : `says ${agent.claimedNode}, runs on ${agent.node}`;
  return claim ?? agent.info?.unavailableReason ?? describeUnparsedTable(agent) ?? describeOmitted(agent);
}

/** "node1 (kflow/kflow-daemon-x7k2p)", or the agent's key if its pod is not known. */
export function formatAgentName({ node, namespace, pod, key }: AgentState): CleanText {
  const place = pod === undefined || namespace === undefined ? cleanText(key) : sentence`${namespace}/${pod}`;
  return place === node ? node : sentence`${node} (${place})`;
}
