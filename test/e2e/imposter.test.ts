/** Who is believed, on a real cluster: pods that are no agents, and an agent that lies about another node. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, describe, it } from 'node:test';
import type { KubernetesObject, V1DaemonSet } from '@kubernetes/client-node';
import { each } from '../each.ts';
import { kflow } from '../lab/kflow.ts';
import { AGENT_IMAGE, agentDaemonSet, installAgents, noAgents } from './agents.ts';
import type { FlowRow } from './cli.ts';
import { Playground } from './playground.ts';

const ECHO = 8080;
/** The kernel remembers connections for a while: another run's port is another one. */
const SOURCE_PORT = 30_000 + Math.floor(Math.random() * 10_000);
/** Of what imposters invent. */
const INVENTED_PORT = 65_001;
const PEER = readFileSync(new URL('./peer.mjs', import.meta.url), 'utf8');
const HOSTNAME = 'kubernetes.io/hostname';

interface Disputed extends FlowRow {
  readonly disputed?: string;
}

function peer(name: string, node: string, plan: object): KubernetesObject {
  const command = ['/usr/local/bin/node', '--input-type=module', '-e', PEER, JSON.stringify(plan)];
  const container = { name: 'peer', image: AGENT_IMAGE, imagePullPolicy: 'IfNotPresent', command };
  const spec = { nodeName: node, terminationGracePeriodSeconds: 1, containers: [container] };
  return { apiVersion: 'v1', kind: 'Pod', metadata: { name }, spec } as KubernetesObject;
}

/** An entry as the kernel prints it. */
function entry(source: string, destination: string, from: string, to: string): string {
  const part = (a: string, b: string) => {
    const [[src, sport], [dst, dport]] = [a.split(':'), b.split(':')];
    return `src=${src} dst=${dst} sport=${sport} dport=${dport} packets=9 bytes=9000000000`;
  };
  const reply = part(from, to);
  return `ipv4     2 tcp      6 500 CLOSE ${part(source, destination)} ${reply} [ASSURED] mark=0 zone=0 use=2`;
}

function lies(lines: readonly string[]): KubernetesObject {
  const data = { nf_conntrack: `${lines.join('\n')}\n` };
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'lies' }, data } as KubernetesObject;
}

const VOLUME = { name: 'lies', configMap: { name: 'lies' } };
const MOUNT = { name: 'lies', mountPath: '/lies/nf_conntrack', subPath: 'nf_conntrack' };
const environment = (node: string) => [
  { name: 'CONNTRACK_PATH', value: '/lies/nf_conntrack' },
  { name: 'KUBE_NODE_NAME', value: node },
];

/** A pod that serves a table of its own, and claims to be the agent of this node. */
function imposter(node: string): KubernetesObject {
  const container = {
    name: 'agent',
    image: AGENT_IMAGE,
    imagePullPolicy: 'IfNotPresent',
    env: environment(node),
    ports: [{ name: 'grpc', containerPort: 50_051 }],
    volumeMounts: [MOUNT],
  };
  const metadata = { name: 'kflow-daemon-imposter', labels: { app: 'kflow-daemon' } };
  const spec = { nodeName: node, containers: [container], volumes: [VOLUME] };
  return { apiVersion: 'v1', kind: 'Pod', metadata, spec } as KubernetesObject;
}

/** The agents of one node; `claim`: those that serve a table of their own, and say they are on this one. */
function agentsOf(node: string, claim?: string): V1DaemonSet {
  const daemonSet = agentDaemonSet();
  const { metadata, spec } = daemonSet;
  const pod = spec?.template.spec;
  const [container] = pod?.containers ?? [];
  if (!metadata || !spec || !pod || !container) throw new Error('no DaemonSet');
  pod.nodeSelector = { [HOSTNAME]: node };
  metadata.name = claim === undefined ? 'honest' : 'compromised';
  // With kflow's own label the DaemonSet would adopt the imposter, and delete it as one too many.
  const labels = { app: metadata.name };
  spec.selector = { matchLabels: labels };
  spec.template.metadata = { labels };
  if (claim === undefined) return daemonSet;
  container.env = environment(claim);
  container.volumeMounts?.push(MOUNT);
  pod.volumes?.push(VOLUME);
  return daemonSet;
}

describe('who is believed', { skip: noAgents, timeout: 240_000 }, () => {
  const home = new Playground();
  const tenant = new Playground();
  const ends = { client: '', server: '', evil: '' };
  let nodes: readonly string[] = [];
  before(async () => {
    await Promise.all([home.open(), tenant.open()]);
    nodes = (await home.nodes()).map(({ name }) => name);
    const [one = '', two = '', three = ''] = nodes;
    await home.create(peer('server', two, { tcp: [ECHO] }), peer('evil', three, { tcp: [ECHO] }));
    const [server, evil] = await Promise.all([addressOf('server'), addressOf('evil')]);
    const connection = { protocol: 'tcp', from: SOURCE_PORT, to: server, port: ECHO };
    await home.create(peer('client', one, { clients: [connection] }));
    Object.assign(ends, { client: await addressOf('client'), server, evil });
    const [here, there, elsewhere] = [`${ends.client}:${SOURCE_PORT}`, `${server}:${ECHO}`, `${evil}:${ECHO}`];
    const invented = entry(`${evil}:${INVENTED_PORT}`, there, there, `${evil}:${INVENTED_PORT}`);
    const reported = lies([entry(here, there, elsewhere, here), entry(`${evil}:5555`, '10.96.0.99:80', there, here)]);
    await Promise.all([home.create(reported), tenant.create(lies([invented]))]);
    await Promise.all([
      installAgents(home, agentsOf(one)),
      installAgents(home, agentsOf(three, one)),
      home.create(imposter(two)),
      tenant.create(imposter(two)),
    ]);
    for (const playground of [home, tenant])
      await playground.until('an imposter that runs', async () => {
        const name = 'kflow-daemon-imposter';
        const { status } = await playground.core.readNamespacedPod({ name, namespace: playground.namespace });
        return status?.phase === 'Running';
      });
  });
  after(() => Promise.all([home.close(), tenant.close()]));

  const addressOf = (name: string) =>
    home.find(`an address of ${name}`, async () => {
      const { status } = await home.core.readNamespacedPod({ name, namespace: home.namespace });
      return status?.phase === 'Running' ? status.podIP : undefined;
    });

  it('agents are those of DaemonSets in the namespace that was named; the second node has no agent', async () => {
    const { status, out } = await kflow('agents', '--agent-namespace', home.namespace, '-o', 'json');
    assert.equal(status, 0);
    const agents = JSON.parse(out) as { node: string; pod: string; claimedNode?: string }[];
    assert.deepEqual(
      agents.map(({ node, pod, claimedNode }) => [node, pod.replace(/-[^-]+$/, ''), claimedNode]),
      [
        [nodes[0], 'honest', undefined],
        [nodes[2], 'compromised', nodes[0]],
      ],
    );
    const doctor = await kflow('doctor', '-n', home.namespace);
    assert.match(doctor.out, new RegExp(`^warning +agents +no agent on .*${nodes[1]}`, 'm'));
    assert.match(doctor.out, new RegExp(`says ${nodes[0]}, runs on ${nodes[2]}`));
    assert.match(doctor.out, /kflow-daemon-imposter is not used as an agent: no DaemonSet controls it$/m);
  });

  it('what imposters and the agent of another node say changes nothing about a connection, and is reported', async () => {
    const { rows } = await home.find('the connection with its totals', async () => {
      const { out } = await kflow('flows', '--agent-namespace', home.namespace, '-o', 'json');
      const all = JSON.parse(out) as Disputed[];
      const seen = all.filter(
        ({ source, observedBy }) => source.port === SOURCE_PORT && observedBy.includes(nodes[0] ?? ''),
      );
      return seen.length > 0 ? { rows: { all, seen } } : undefined;
    });
    const [row, ...others] = rows.seen;
    assert.deepEqual(others, []);
    assert.deepEqual(
      [row?.source.name, row?.destination.name, row?.state, row?.via?.service],
      ['client', 'server', 'ESTABLISHED', undefined],
    );
    assert.ok((row?.bytes?.sent ?? 0) < 1e9);
    assert.match(
      row?.disputed ?? '',
      new RegExp(`${nodes[2]} says that it continues from ${ends.server}:${ECHO} to ${ends.evil}:${ECHO}`),
    );
    assert.match(row?.disputed ?? '', new RegExp(`${nodes[2]} says that it came from ${ends.evil}:5555`));
    assert.ok(each(rows.all, ({ source }) => source.port !== INVENTED_PORT));
  });

  it('who may only create what Pod Security "baseline" admits cannot make a pod that passes', async () => {
    const namespace = { metadata: { labels: { 'pod-security.kubernetes.io/enforce': 'baseline' } } };
    const { metadata, ...rest } = await tenant.core.readNamespace({ name: tenant.namespace });
    const labels = { ...metadata?.labels, ...namespace.metadata.labels };
    await tenant.core.replaceNamespace({
      name: tenant.namespace,
      body: { ...rest, metadata: { ...metadata, labels } },
    });
    const template = agentDaemonSet().spec?.template;
    const pod = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'passes' }, spec: template?.spec };
    await assert.rejects(
      tenant.create(pod as KubernetesObject),
      ({ code, body }: { code: number; body: string }) => code === 403 && /violates PodSecurity.*hostPath/.test(body),
    );
  });
});
