import type { AgentState } from '../../../../../src/client/model/agent.ts';
import type { Connection } from '../../../../../src/client/model/connection.ts';
import type { Snapshot } from '../../../../../src/client/model/snapshot.ts';
import { Recorder } from '../../../../../src/client/recording/recorder.ts';
import { agent, connection, snapshot } from './fixtures.ts';
import { EVIL } from './hostile-text.ts';

/** Every text of the model, as only a damaged or forged file has it. */
function hostileSnapshot(): Snapshot {
  const endpoint = { address: EVIL, kind: 'pod', namespace: EVIL, name: EVIL, node: EVIL } as const;
  const source = { ...endpoint, workload: { kind: EVIL, name: EVIL }, candidates: [endpoint] };
  const end = { address: EVIL, port: 1 };
  const hop = { agent: EVIL, node: EVIL, flow: 1, original: { source: end, destination: end } };
  const hostile: Connection = connection({
    source,
    destination: { ...endpoint, kind: 'service' },
    service: { ...end, namespace: EVIL, name: EVIL },
    snat: end,
    incomplete: EVIL,
    disputed: EVIL,
    hops: [{ ...hop, reply: hop.original, state: 4 }],
  });
  const unanswered = { ...hostile, id: 2, replied: false, state: 1, protocol: 6 };
  const info: AgentState['info'] = {
    ...{ node: EVIL, version: EVIL, source: 'procfs', path: EVIL, accounting: 'off', timestamping: 'off' },
    ...{ unavailableReason: EVIL, unparsedSample: EVIL, counters: { [EVIL]: 7 } },
  };
  const poll = {
    ...{ observedAt: 1_011_000, entries: 1, unparsedLines: 1, unparsedSample: EVIL },
    ...{ durationSeconds: 0.1, intervalSeconds: 1, skipped: false },
  };
  const agents: AgentState[] = [
    agent({ key: EVIL, node: EVIL, namespace: EVIL, pod: EVIL, info, poll, flows: 0 }),
    agent({ key: `${EVIL}2`, node: `${EVIL}2`, status: { kind: 'lost', reason: EVIL } }),
    agent({ key: 'c', node: 'node3', status: { kind: 'stale', reason: EVIL } }),
  ];
  return snapshot({
    origin: EVIL,
    agents,
    connections: [hostile, unanswered],
    notices: [EVIL],
    missingNames: [EVIL],
    agentNotices: [EVIL],
    discoveryError: EVIL,
    servicesWithoutEndpoints: [EVIL],
    localGaps: [{ service: EVIL, nodes: [EVIL] }],
  });
}

/** A file of it, whole. */
export function hostileRecordingBytes(): Buffer {
  const recorder = new Recorder();
  const pieces = [recorder.begin({ writer: EVIL, startedAt: 1_000_000 })];
  for (const at of [0, 1000, 3000]) pieces.push(recorder.take({ ...hostileSnapshot(), at: 1_012_000 + at }, at));
  return Buffer.concat([...pieces, recorder.end(3000)]);
}
