import type { ClusterFacts, Facts } from '../../../../src/client/doctor/facts.ts';
import type { AgentInfo, AgentPoll, AgentState } from '../../../../src/client/model/agent.ts';

const NOW = 1_800_000_000_000;

export const ABOUT: AgentInfo = {
  node: 'node1',
  version: '1.2.3',
  source: 'procfs',
  path: '/host/proc/1/net/nf_conntrack',
  accounting: 'on',
  timestamping: 'on',
  entries: 10,
  maxEntries: 1000,
};

export const POLL: AgentPoll = {
  observedAt: NOW,
  entries: 10,
  unparsedLines: 0,
  durationSeconds: 0.01,
  intervalSeconds: 1,
  skipped: false,
};

/** An agent with which all is well. */
export function wellAgent(node = 'node1', over: Partial<AgentState> = {}): AgentState {
  return {
    key: `kflow/agent-${node}`,
    node,
    namespace: 'kflow',
    pod: `agent-${node}`,
    status: { kind: 'live' },
    info: { ...ABOUT, node },
    poll: POLL,
    flows: 10,
    lastSeenAt: NOW + 100,
    ...over,
  };
}

export function agentWith(info: Partial<AgentInfo>, over: Partial<AgentState> = {}): AgentState {
  return wellAgent('node1', { info: { ...ABOUT, ...info }, ...over });
}

export const CLUSTER: ClusterFacts = {
  context: 'prod',
  server: 'https://10.0.0.1:6443',
  serverVersion: 'v1.34.0',
  user: 'jane',
  missing: [],
  nodes: [{ name: 'node1', runtime: 'containerd://2.1.4' }],
  installs: { kflow: { image: 'localhost:5000/kflow-daemon:1.2.2', daemonSet: 'kflow-daemon' } },
  network: { kind: 'seen', plugins: [] },
};

/** A cluster with which all is well. */
export function facts(over: Partial<Facts> = {}): Facts {
  return {
    mode: 'cluster',
    name: 'kflow',
    self: ['/usr/bin/node', '/opt/kflow/main.js'],
    version: '1.2.3',
    agents: [wellAgent()],
    machine: { program: 'kflow', asRoot: 'sudo kflow --local', platform: 'linux', isRoot: true, hasTable: true },
    cluster: CLUSTER,
    ...over,
  };
}
