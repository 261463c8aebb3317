/** Who is believed: pods that claim to be agents, through the shipped command line and a fake API server. */
import assert from 'node:assert/strict';
import { describe, type TestContext, test } from 'node:test';
import { FileAgent, lineOf } from '../../../agent/file-agent.ts';
import { agentSpec } from '../../agents/agent-pods.ts';
import { AgentCluster, agentObject, podObject } from './agent-cluster.ts';
import { runKflow } from './run-process.ts';

const CLIENT = '10.244.1.3';
const PODS = [podObject('shop', 'cart', 'node1', CLIENT)];
const TRUE_ROW = lineOf({ port: 40_000, source: CLIENT, bytes: 500 });
const INVENTED = lineOf({ port: 41_000, source: '10.244.2.66', bytes: 9_000_000 });

interface Row {
  readonly source: { readonly port: number };
  readonly observedBy: readonly string[];
}

/** A cluster with an honest agent on node1 alone, and other pods, which all have an agent with rows of its own. */
async function cluster(t: TestContext, others: readonly ReturnType<typeof agentObject>[], nodeName = 'node2') {
  const honest = await FileAgent.start(t, TRUE_ROW, false, { nodeName: 'node1', intervalMs: 100 });
  const imposter = await FileAgent.start(t, INVENTED, false, { nodeName, intervalMs: 100 });
  const served = others.map(({ metadata }): [string, FileAgent] => [metadata.name, imposter]);
  const agents = new Map([['node1', honest], ...served]);
  const api = await AgentCluster.start(t, agents, { pods: PODS, agents: others });
  // However slow this machine is: agents are waited for.
  const kflow = (...args: string[]) => runKflow([...args, '--request-timeout', '60s', '--kubeconfig', api.kubeconfig]);
  const flows = async () => {
    const { status, out, err } = await kflow('flows', '-o', 'json');
    assert.equal(status, 0, err);
    return { rows: (JSON.parse(out) as Row[]).map(({ source, observedBy }) => [source.port, ...observedBy]), err };
  };
  return { api, kflow, flows };
}

const NO_DAEMONSET = { ownerReferences: [] };
const REPLICA_SET = {
  ownerReferences: [{ apiVersion: 'apps/v1', kind: 'ReplicaSet', name: 'x', controller: true }],
};
const imposter = (name: string, namespace: string, metadata: object = {}, path = '/proc/1/net') => ({
  ...agentObject(namespace, name, 'node2', '10.244.2.66', metadata),
  spec: agentSpec({ nodeName: 'node2' }, {}, path),
});
const IMPOSTERS = [
  imposter('label-in-another-namespace', 'tenant-a', NO_DAEMONSET),
  imposter('daemonset-in-another-namespace', 'tenant-b'),
  imposter('nobody-controls-it', 'kflow', NO_DAEMONSET),
  imposter('replica-set', 'kflow', REPLICA_SET),
  imposter('mounts-something-else', 'kflow', {}, '/var/log'),
];

describe('who is believed', { concurrency: 4 }, () => {
  test('no imposter that claims node2 is believed, asked or listed', async (t) => {
    const { api, kflow, flows } = await cluster(t, IMPOSTERS);
    const [{ rows, err }, doctor, agents] = await Promise.all([flows(), kflow('doctor'), kflow('agents')]);
    assert.deepEqual(rows, [[40_000, 'node1']]);
    assert.match(
      err,
      /^kflow: agents in namespace tenant-b are not used: `kflow agents .*--agent-namespace tenant-b`$/m,
    );
    assert.match(doctor.out, /^warning +agents +no agent on node2$/m);
    assert.match(doctor.out, /^warning +agents +pod kflow\/nobody-controls-it is not used as an agent: no DaemonSet/m);
    assert.doesNotMatch(agents.out, /kflow\/(nobody|replica|mounts)|tenant/);
    assert.ok(!api.requests.some((request) => /portforward/.test(request) && !request.includes('daemon-node1')));
  });

  test('an agent that claims another node counts for the one it runs on, and is warned of', async (t) => {
    const other = agentObject('kflow', 'kflow-daemon-node2', 'node2', '10.244.2.99');
    const { kflow, flows } = await cluster(t, [other], 'node1');
    const [{ rows, err }, table, json, doctor] = await Promise.all([
      flows(),
      kflow('agents'),
      kflow('agents', '-o', 'json'),
      kflow('doctor'),
    ]);
    assert.deepEqual(rows.sort(), [
      [40_000, 'node1'],
      [41_000, 'node2'],
    ]);
    const warning = 'kflow/kflow-daemon-node2: says node1, runs on node2: its rows count for node2';
    assert.ok(err.includes(`kflow: ${warning}\n`), err);
    assert.match(table.out, /^node2 +kflow\/kflow-daemon-node2 +live .* says node1, runs on node2 *$/m);
    const found = JSON.parse(json.out) as { node: string; claimedNode?: string }[];
    assert.deepEqual(
      found.map(({ node, claimedNode }) => [node, claimedNode]),
      [
        ['node1', undefined],
        ['node2', 'node1'],
      ],
    );
    assert.match(doctor.out, new RegExp(`^warning +agents +${warning}$`, 'm'));
  });

  test('without KUBE_NODE_NAME an agent claims its pod’s name, of which nobody warns', async (t) => {
    const other = agentObject('kflow', 'kflow-daemon-node2', 'node2', '10.244.2.99');
    const { flows } = await cluster(t, [other], 'kflow-daemon-node2');
    const { rows, err } = await flows();
    assert.deepEqual(rows.sort().at(-1), [41_000, 'node2']);
    assert.doesNotMatch(err, /says/);
  });

  test('a second agent of a node is listed, and its flows are not merged', async (t) => {
    const second = agentObject('kflow', 'second', 'node1', '10.244.1.98', {
      creationTimestamp: '2026-01-01T00:00:00Z',
    });
    const { kflow, flows } = await cluster(t, [second], 'node1');
    const [{ rows }, agents, doctor] = await Promise.all([flows(), kflow('agents'), kflow('doctor')]);
    assert.deepEqual(rows, [[40_000, 'node1']]);
    assert.match(agents.out, /^node1 +kflow\/second +unused .* kflow\/kflow-daemon-node1 is the agent of node1 *$/m);
    assert.match(
      doctor.out,
      /^warning +agents +kflow\/second is not used: kflow\/kflow-daemon-node1 is the agent of node1$/m,
    );
    assert.match(doctor.out, /^warning +agents +no agent on node2$/m);
  });

  test('of agents without an identity of Kubernetes, a second one with the same claim is not merged', async (t) => {
    const start = (table: string, nodeName: string) => FileAgent.start(t, table, false, { nodeName, intervalMs: 100 });
    const [first, second, third] = await Promise.all([
      start(TRUE_ROW, 'node1'),
      start(INVENTED, 'node1'),
      start(lineOf({ port: 42_000 }), 'node\u001b[31m3'),
    ]);
    const endpoints = [first, second, third].map(({ address }) => address).join(',');
    const { out } = await runKflow(['flows', '-o', 'json', '--endpoints', endpoints]);
    const rows = (JSON.parse(out) as Row[]).map(({ source, observedBy }) => [source.port, ...observedBy]);
    assert.deepEqual(rows.sort(), [
      [40_000, 'node1'],
      [42_000, 'node\ufffd[31m3'],
    ]);
    const agents = await runKflow(['agents', '--endpoints', endpoints]);
    assert.match(agents.out, new RegExp(`^node1 .* unused .*${first.address} is the agent of node1 *$`, 'm'));
  });
});
