import type { AgentTarget } from '../../../../src/client/agents/discovery.ts';
import type { AgentInfo, AgentPoll } from '../../../../src/client/model/agent.ts';
import type { Flow } from '../../../../src/flow/flow.ts';
import type { WatchMessage } from '../../../../src/wire/decode.ts';

export const target: AgentTarget = { key: 'a', dial: () => Promise.reject(new Error('not dialed in this test')) };

export const agentInfo: AgentInfo = {
  node: 'node1',
  version: '1.0.0',
  source: 'procfs',
  path: '/proc/net/nf_conntrack',
  accounting: 'on',
  timestamping: 'off',
};

export function poll(over: Partial<AgentPoll> = {}): AgentPoll {
  return {
    observedAt: 1000,
    entries: 0,
    unparsedLines: 0,
    durationSeconds: 0.001,
    intervalSeconds: 1,
    skipped: false,
    ...over,
  };
}

/** A message that ends a poll and changes nothing, except for what is given. */
export function message(sequence: number, over: Partial<WatchMessage> = {}): WatchMessage {
  return {
    sequence,
    observedAt: 1000 * sequence,
    snapshot: sequence === 1,
    endOfPoll: true,
    delta: { added: [], updated: [], removed: [] },
    poll: poll({ observedAt: 1000 * sequence }),
    ...over,
  };
}

export function flow(id: number): Flow {
  const source = `10.0.0.${id % 250}`;
  return {
    id,
    family: 4,
    protocol: 6,
    original: { source, destination: '10.1.0.1', sourcePort: 30000, destinationPort: 80 },
    reply: { source: '10.1.0.1', destination: source, sourcePort: 80, destinationPort: 30000 },
    zone: 0,
    firstSeenAt: 0,
    startKnown: false,
    status: { state: 4, replied: true, assured: true, offloaded: false, hardwareOffloaded: false, mark: 0 },
    stats: { original: {}, reply: {} },
  };
}
