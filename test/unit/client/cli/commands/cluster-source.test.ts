/** What the program makes of a cluster: the shipped command line, a fake API server, and real agents behind it. */
import assert from 'node:assert/strict';
import { describe, type TestContext, test } from 'node:test';
import { FileAgent, lineOf } from '../../../agent/file-agent.ts';
import { sendJson, sendStatus } from '../../kubernetes/fake-api.ts';
import { AgentCluster, agentObject, type Lists, podObject, serviceObject } from './agent-cluster.ts';
import { runKflow } from './run-process.ts';

/** However slow this machine is: agents are waited for. */
const patient: typeof runKflow = (args, options) =>
  runKflow(args.includes('--request-timeout') ? args : [...args, '--request-timeout', '60s'], options);

const CLIENT = '10.244.1.3';
const LISTS: Lists = {
  pods: [podObject('shop', 'cart', 'node1', CLIENT)],
  services: [
    serviceObject('shop', 'idle', {
      clusterIP: '10.96.0.20',
      ports: [{ port: 80, protocol: 'TCP' }],
      selector: { a: 'b' },
    }),
  ],
};
const TABLE = lineOf({ port: 40_000, source: CLIENT, bytes: 500 });

async function cluster(t: TestContext, { lists = LISTS, table = TABLE } = {}) {
  const agent = await FileAgent.start(t, table, false, { nodeName: 'node1', intervalMs: 100 });
  return AgentCluster.start(t, new Map([['node1', agent]]), lists);
}

/** Where the agents were looked for: the lists of pods of a namespace. */
function searches({ requests }: AgentCluster): string[] {
  return requests.flatMap((request) => {
    const url = new URL(request.split(' ')[1] ?? '', 'http://x');
    const namespace = /\/namespaces\/([^/]+)\/pods$/.exec(url.pathname)?.[1];
    if (namespace === undefined || url.searchParams.has('watch')) return [];
    return [[namespace, url.searchParams.get('labelSelector')].filter(Boolean).join(' ')];
  });
}

describe('what the program makes of a cluster', { concurrency: 4 }, () => {
  for (const [args, env, search] of [
    [[], {}, ['kflow']],
    [['-A'], {}, ['kflow']],
    [['-n', 'shop'], {}, ['kflow']],
    [['--agent-namespace', 'net'], {}, ['net']],
    [['--agent-namespace', 'net', '--agent-namespace', 'kflow'], {}, ['net', 'kflow']],
    [[], { KFLOW_AGENT_NAMESPACE: 'net' }, ['net']],
    [['--agent-selector', 'tier=net'], {}, ['kflow tier=net']],
  ] as const)
    test(`flows ${args.join(' ')} ${JSON.stringify(env)} looks for agents there`, async (t) => {
      const api = await cluster(t);
      await patient(['flows', '-o', 'json', '--kubeconfig', api.kubeconfig, ...args], {
        env: { ...process.env, ...env },
      });
      assert.deepEqual([...new Set(searches(api))], search);
    });

  for (const [args, found] of [
    [['flows', '-n', 'shop'], 1],
    [['flows', '-n', 'none'], 0],
    [['flows', '-n', 'none', '-n', 'sh*'], 1],
    [['-n', 'none', 'flows'], 0],
    [['-n', 'none', 'flows', '-A'], 1],
  ] as const)
    test(`${args.join(' ')} prints ${found} of the cluster’s connections`, async (t) => {
      const api = await cluster(t);
      const { status, out } = await patient([...args, '-o', 'json', '--kubeconfig', api.kubeconfig]);
      assert.deepEqual([status, JSON.parse(out).length], [0, found]);
    });

  test('-n with the namespace of the agents names the option that was meant', async (t) => {
    const api = await cluster(t);
    for (const [command, message] of [
      [
        'flows',
        /^kflow: -n kflow means the traffic of namespace kflow: `--agent-namespace kflow` chooses the agents there$/m,
      ],
      ['graph', /`--agent-namespace kflow`/],
      ['console', /`--agent-namespace kflow`/],
      ['agents', /^kflow: -n is the namespace of traffic, and agents are of all: --agent-namespace kflow chooses/m],
    ] as const) {
      const { err } = await patient([command, '-n', 'kflow', '--kubeconfig', api.kubeconfig]);
      assert.match(err, message);
    }
  });

  test('-n of a namespace that has agents which are not used names the command for them', async (t) => {
    const agent = await FileAgent.start(t, TABLE, false, { nodeName: 'node1', intervalMs: 100 });
    const agents = [agentObject('blue', 'x', 'node2', '10.244.2.7')];
    const api = await AgentCluster.start(t, new Map([['node1', agent]]), { ...LISTS, agents });
    const { err } = await patient(['flows', '--once', '-n', 'blue', '--kubeconfig', api.kubeconfig]);
    assert.match(err, /^kflow: agents in namespace blue are not used: `kflow agents .*--agent-namespace blue`$/m);
    assert.match(err, /^kflow: 0 of 1 connections match the filter$/m);
  });

  test('the overview says that nothing is of the namespace that -n names', async (t) => {
    const api = await cluster(t);
    const { status, err } = await patient(['-n', 'none', '--kubeconfig', api.kubeconfig]);
    assert.equal(status, 1);
    assert.match(err, /^kflow: fake: 0 of 1 connections match the filter$/m);
  });

  test('connections have names, and the overview has agents, problems and services without endpoints', async (t) => {
    const api = await cluster(t);
    const { status, out } = await patient(['-n', 'shop', '--kubeconfig', api.kubeconfig]);
    assert.equal(status, 0);
    assert.match(out, /^kflow · fake · 1\/1 agent · 1 problem · 1 connection · /);
    assert.match(out, /^node1 +kflow\/kflow-daemon-node1 +live /m);
    assert.match(out, /^warning: service has no endpoints: shop\/idle /m);
    assert.match(out, /^shop\/cart +192\.0\.2\.1 /m);
  });

  test('what the user may not list is said, by flows on stderr and in the overview', async (t) => {
    const api = await cluster(t);
    const { handle } = api;
    api.handle = (request, response, url) => {
      if (url.pathname.endsWith('/services'))
        sendStatus(response, 403, 'services is forbidden: User "jane" cannot list');
      else handle(request, response, url);
    };
    const flows = await patient(['flows', '-o', 'json', '--kubeconfig', api.kubeconfig]);
    assert.equal(flows.status, 0);
    assert.match(flows.err, /^kflow: .*services/m);
    const overview = await patient(['--kubeconfig', api.kubeconfig]);
    assert.match(overview.out, /^info: names are missing: fake /m);
  });

  test('a kernel that counts no bytes is said', async (t) => {
    const table = lineOf({ port: 40_000, source: CLIENT });
    const api = await cluster(t, { table });
    const { err } = await patient(['flows', '-o', 'json', '--kubeconfig', api.kubeconfig]);
    assert.match(err, /^kflow: bytes are counted on no node, .*nf_conntrack_acct=1/m);
  });

  test('that cannot discover agents is said, with the server’s words', async (t) => {
    const api = await cluster(t);
    const { handle } = api;
    api.handle = (request, response, url) => {
      if (url.pathname.endsWith('/namespaces/kflow/pods'))
        sendStatus(response, 403, 'pods is forbidden: User "jane" cannot list');
      else handle(request, response, url);
    };
    const { status, out, err } = await patient(['flows', '-o', 'json', '--kubeconfig', api.kubeconfig]);
    assert.deepEqual([status, out], [1, '']);
    assert.match(err, /pods/);
    assert.match(err, /jane|forbidden|may not/);
  });

  test('--request-timeout ends a wait for agents that do not answer', async (t) => {
    const api = await cluster(t);
    const { handle } = api;
    api.handle = (request, response, url) => {
      // A list of agents that never comes.
      if (!url.pathname.endsWith('/namespaces/kflow/pods')) handle(request, response, url);
    };
    const began = performance.now();
    const { status, err } = await patient(['flows', '--kubeconfig', api.kubeconfig, '--request-timeout', '1s']);
    const seconds = (performance.now() - began) / 1000;
    assert.equal(status, 1);
    assert.match(err, /1 ?s/);
    assert.ok(seconds >= 1 && seconds < 8, `${seconds} s, with the start of the program`);
  });

  test('a lost agent is said on stderr while flows follows, and its rows are stale', async (t) => {
    const agent = await FileAgent.start(t, TABLE, false, { nodeName: 'node1', intervalMs: 100 });
    const api = await AgentCluster.start(t, new Map([['node1', agent]]), LISTS);
    let out = '';
    const { err } = await patient(['flows', '-f', '-o', 'json', '--kubeconfig', api.kubeconfig], {
      read: (text, kill) => {
        const isFirst = out === '';
        out += text;
        if (isFirst) void agent.close();
        if (/"stale":true/.test(out)) kill('SIGINT');
      },
    });
    assert.match(out, /"stale":true/);
    assert.match(err, /^kflow: node1 \(kflow\/kflow-daemon-node1\): (lost|stale): /m);
  });

  test('nothing of a cluster is asked for once the program has ended', async (t) => {
    const api = await cluster(t);
    await patient(['agents', '--kubeconfig', api.kubeconfig]);
    const { length } = api.requests;
    await new Promise((resolve) => setImmediate(resolve));
    assert.equal(api.requests.length, length);
    assert.ok(length > 0);
  });

  test('an answer that is no list is the server’s fault, and is said so', async (t) => {
    const api = await cluster(t);
    const { handle } = api;
    api.handle = (request, response, url) => {
      if (url.pathname.endsWith('/namespaces/kflow/pods')) sendJson(response, { kind: 'PodList' });
      else handle(request, response, url);
    };
    const { status, err } = await patient(['flows', '--kubeconfig', api.kubeconfig, '--request-timeout', '3s']);
    assert.equal(status, 1);
    assert.doesNotMatch(err, /fault in kflow/);
  });
});
