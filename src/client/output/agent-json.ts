import { statusReason } from '../format/agent.ts';
import { unparsedSample } from '../format/unparsed-lines.ts';
import type { AgentState } from '../model/agent.ts';

/** One agent in JSON. Its fields are part of kflow's contract. Unknown values are absent, never 0 or "". */
export function toAgentJson(agent: AgentState) {
  const { status, info, poll } = agent;
  return {
    node: agent.node,
    pod: agent.pod,
    namespace: agent.namespace,
    status: status.kind,
    reason: statusReason(agent),
    version: info?.version || undefined,
    flows: agent.flows,
    omittedFlows: agent.omittedFlows,
    entries: info?.entries ?? poll?.entries,
    maxEntries: info?.maxEntries,
    accounting: known(info?.accounting),
    source: known(info?.source),
    sourceReason: info?.sourceReason,
    path: info?.path || undefined,
    unparsedLines: poll?.unparsedLines,
    unparsedSample: unparsedSample(agent),
    pollSeconds: microseconds(poll?.durationSeconds),
    intervalSeconds: microseconds(poll?.intervalSeconds),
    lastSeen: agent.lastSeenAt === undefined ? undefined : new Date(agent.lastSeenAt).toISOString(),
    claimedNode: agent.claimedNode,
  };
}

/** Rounds seconds to microseconds, because a double shows more digits than a clock has. */
function microseconds(seconds: number | undefined): number | undefined {
  return seconds === undefined ? undefined : Math.round(seconds * 1e6) / 1e6;
}

function known<T extends string>(value: T | 'unknown' | undefined): T | undefined {
  return value === 'unknown' ? undefined : value;
}
