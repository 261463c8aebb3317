import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { KubeConfig } from '@kubernetes/client-node';
import { each } from '../each.ts';
import { installAgents, noAgents } from './agents.ts';
import { type FlowRow, runKflow } from './cli.ts';
import { noCluster, Playground } from './playground.ts';

const PODS = { apiGroups: [''], resources: ['pods'], verbs: ['get', 'list'] };
const FORWARD = { apiGroups: [''], resources: ['pods/portforward'], verbs: ['create'] };

interface AgentRow {
  readonly namespace: string;
  readonly status: string;
  readonly reason?: string;
}

describe('rights and kubectl’s flags', { skip: noCluster || noAgents, timeout: 180_000 }, () => {
  const folder = mkdtempSync(join(tmpdir(), 'kflow-test-'));
  let playground: Playground;
  before(async () => {
    playground = new Playground();
    await playground.open();
    await installAgents(playground);
  });
  after(async () => {
    rmSync(folder, { recursive: true });
    await playground?.close();
  });

  /** The path of a kubeconfig for a user with these rights in the agents' namespace, and no others. */
  const userWith = async (name: string, rules: readonly object[]) => {
    const { config } = await playground.user(name, rules);
    const path = join(folder, name);
    writeFileSync(path, config.exportConfig(), { mode: 0o600 });
    return path;
  };

  it('get and list pods and create port-forwards are enough; without names, which is said once', async () => {
    const kubeconfig = await userWith('viewer', [PODS, FORWARD]);
    const { status, out, err } = await runKflow([
      'flows',
      '-o',
      'json',
      '--agent-namespace',
      playground.namespace,
      '--kubeconfig',
      kubeconfig,
    ]);
    assert.equal(status, 0, err);
    const rows = JSON.parse(out) as FlowRow[];
    assert.ok(rows.length > 0);
    const nodes = await playground.nodes();
    assert.deepEqual(
      [...new Set(rows.flatMap(({ observedBy }) => observedBy))].sort(),
      nodes.map(({ name }) => name),
    );
    assert.equal(err.match(/no names for /g)?.length, 1, err);
    assert.match(
      err,
      /no names for .*services.*:viewer" may not list them; a ClusterRole with verbs list and watch on/,
    );
  });

  it('who may not forward is reported so', async () => {
    const kubeconfig = await userWith('lister', [PODS]);
    const { status, err } = await runKflow([
      'flows',
      '--agent-namespace',
      playground.namespace,
      '--kubeconfig',
      kubeconfig,
    ]);
    assert.equal(status, 1, err);
    const right = `not allowed to create pods/portforward in namespace ${playground.namespace}: user "[^"]*:lister" needs a Role`;
    assert.match(err, new RegExp(`${right} with verb create on pods/portforward`));
  });

  it('who may not list is reported so', async () => {
    const kubeconfig = await userWith('nobody', []);
    const { status, err } = await runKflow([
      'agents',
      '--agent-namespace',
      playground.namespace,
      '--kubeconfig',
      kubeconfig,
    ]);
    assert.equal(status, 1, err);
    const right = `not allowed to list pods in namespace ${playground.namespace}: user "[^"]*:nobody" needs a Role`;
    assert.match(err, new RegExp(`${right} with verb list on pods`));
  });

  it('--agent-namespace and --agent-selector choose the agents, --context is that of kubectl', async () => {
    const agents = async (...args: string[]) => {
      const { status, out, err } = await runKflow(['agents', '-o', 'json', ...args]);
      return { status, err, rows: status === 0 ? (JSON.parse(out) as AgentRow[]) : [] };
    };
    const nodes = await playground.nodes();
    const isOurs = ({ namespace }: AgentRow) => namespace === playground.namespace;
    const { rows: everywhere } = await agents('--agent-namespace', 'kflow', '--agent-namespace', playground.namespace);
    assert.equal(everywhere.filter(isOurs).length, nodes.length);
    const { rows: here } = await agents(
      '--agent-namespace',
      playground.namespace,
      '--agent-selector',
      'app=kflow-daemon',
    );
    assert.ok(each(here, isOurs));
    assert.deepEqual(
      here.map(({ status }) => status),
      nodes.map(() => 'live'),
    );
    const none = await agents('--agent-namespace', playground.namespace, '--agent-selector', 'app=other');
    assert.equal(none.status, 1);
    assert.match(none.err, /No agents with label app=other in namespace /);

    const config = new KubeConfig();
    config.loadFromString(playground.config.exportConfig());
    const [cluster] = config.clusters;
    const [user] = config.users;
    config.addCluster({ name: 'away', server: 'https://127.0.0.1:1', skipTLSVerify: true });
    config.addContext({ name: 'away', cluster: 'away', user: user?.name ?? '' });
    config.addContext({
      name: 'here',
      cluster: cluster?.name ?? '',
      user: user?.name ?? '',
      namespace: playground.namespace,
    });
    config.setCurrentContext('away');
    const path = join(folder, 'contexts');
    writeFileSync(path, config.exportConfig(), { mode: 0o600 });
    const away = await agents('--kubeconfig', path);
    assert.equal(away.status, 1);
    assert.match(away.err, /the API server at 127\.0\.0\.1:1 refuses the connection/);
    const { rows } = await agents('--kubeconfig', path, '--context', 'here', '--agent-namespace', playground.namespace);
    assert.equal(rows.length, nodes.length);
    const unknown = await agents('--kubeconfig', path, '--context', 'nowhere');
    assert.equal(unknown.status, 1);
    assert.match(unknown.err, /nowhere/);
  });
});
