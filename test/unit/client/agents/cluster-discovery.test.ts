import assert from 'node:assert/strict';
import type { ServerResponse } from 'node:http';
import { afterEach, beforeEach, describe, it } from 'node:test';
import type { Subscription } from 'rxjs';
import { clusterDiscovery } from '../../../../src/client/agents/cluster-discovery.ts';
import type { DiscoveryResult } from '../../../../src/client/agents/discovery.ts';
import type { KubeOptions } from '../../../../src/client/kubernetes/config.ts';
import { event, FakeApi, Inbox, list, sendJson, sendStatus } from '../kubernetes/fake-api.ts';
import { agentSpec, CONTROLLER } from './agent-pods.ts';

function agent(name: string, restarts = 0, state: object = { running: {} }, metadata: object = {}) {
  const own = { uid: `uid-of-${name}`, name, namespace: 'kflow', resourceVersion: '5' };
  return {
    metadata: { ...own, labels: { app: 'kflow-daemon' }, ownerReferences: [CONTROLLER], ...metadata },
    spec: agentSpec({ nodeName: `node-of-${name}` }),
    status: { phase: 'Running', containerStatuses: [{ name: 'agent', restartCount: restarts, state }] },
  };
}

const HOME = '/api/v1/namespaces/kflow/pods';
const FORBIDDEN = 'pods is forbidden: User "jane" cannot list resource "pods"';
const NEVER = new AbortController().signal;

describe('clusterDiscovery', () => {
  let api: FakeApi;
  let found: Inbox<DiscoveryResult>;
  let subscription: Subscription | undefined;
  beforeEach(async () => {
    api = new FakeApi();
    found = new Inbox();
    await api.start();
  });
  afterEach(async () => {
    subscription?.unsubscribe();
    await api.remove();
  });

  const start = (options: KubeOptions = {}) => {
    const discovery = clusterDiscovery(api.kube(), options);
    assert.equal(discovery.origin, 'fake');
    subscription = discovery.discovered$.subscribe((discovered) => found.push(discovered));
  };
  /** Answers lists by path, 403 where there is none; watches stay open. */
  const serve = (lists: Record<string, readonly unknown[]>) =>
    new Promise<ServerResponse>((resolve) => {
      api.handle = (_request, response, url) => {
        const items = lists[url.pathname];
        if (items === undefined) sendStatus(response, 403, FORBIDDEN);
        else if (url.searchParams.has('watch')) resolve(response);
        else sendJson(response, list('5', items));
      };
    });
  const pods = (discovered: DiscoveryResult) => discovered.targets.map(({ pod }) => pod);

  it('finds the agents in their namespace, and follows them', async () => {
    const watch = serve({ [HOME]: [agent('a')] });
    start();
    const first = await found.next();
    assert.deepEqual(pods(first), ['a']);
    assert.equal(first.error, undefined);
    assert.equal(first.targets[0]?.node, 'node-of-a');
    const response = await watch;
    response.write(event('ADDED', agent('b')));
    assert.deepEqual(pods(await found.next()), ['a', 'b']);
    // Of no concern: no news of it.
    response.write(event('MODIFIED', agent('b', 0, { running: {} }, { annotations: { x: 'y' } })));
    response.write(event('MODIFIED', agent('b', 1)));
    const restarted = await found.next();
    assert.equal(restarted.targets[0], first.targets[0]);
    assert.match(restarted.targets[1]?.key ?? '', /^kflow\/b#.*\.1$/);
    response.write(event('DELETED', agent('a')));
    assert.deepEqual(pods(await found.next()), ['b']);
  });

  it('says nothing before each of several namespaces has answered', async () => {
    const blue = '/api/v1/namespaces/blue/pods';
    serve({ [HOME]: [agent('a')], [blue]: [agent('b', 0, undefined, { namespace: 'blue' })] });
    const { handle } = api;
    api.handle = (request, response, url) => {
      if (url.pathname === blue && !url.searchParams.has('watch'))
        setTimeout(() => handle(request, response, url), 300);
      else handle(request, response, url);
    };
    start({ agentNamespaces: ['kflow', 'blue'] });
    assert.deepEqual(pods(await found.next()), ['a', 'b']);
  });

  it('uses one agent of a node, lists the others, and takes the next one when it goes', async () => {
    const spec = agentSpec({ nodeName: 'node1' });
    const old = { ...agent('old', 0, { running: {} }, { creationTimestamp: '2025-01-01T00:00:00Z' }), spec };
    const young = { ...agent('young', 0, { running: {} }, { creationTimestamp: '2026-01-01T00:00:00Z' }), spec };
    const watch = serve({ [HOME]: [young, old] });
    start();
    const first = await found.next();
    const unused = ({ targets }: DiscoveryResult) => targets.map((target) => [target.pod, target.unused]);
    assert.deepEqual(unused(first), [
      ['young', 'kflow/old is the agent of node1'],
      ['old', undefined],
    ]);
    (await watch).write(event('DELETED', old));
    assert.deepEqual(unused(await found.next()), [['young', undefined]]);
  });

  it('uses no pod that is no agent, whatever its labels say, and says why', async () => {
    const imposter = agent('imposter', 0, { running: {} }, { ownerReferences: [] });
    serve({ [HOME]: [agent('a'), imposter, { ...agent('c'), spec: { nodeName: 'n', containers: [] } }] });
    start();
    const { targets, notices } = await found.next(({ notices: some }) => some !== undefined);
    assert.deepEqual(
      targets.map(({ pod }) => pod),
      ['a'],
    );
    assert.deepEqual(notices, [
      'pod kflow/imposter is not used as an agent: no DaemonSet controls it',
      'pod kflow/c is not used as an agent: no container mounts hostPath /proc/1/net or /run/kflow',
    ]);
  });

  it('tells of agents elsewhere, uses none of them, and names no pod that only has the label', async () => {
    const elsewhere = [
      agent('b', 0, { running: {} }, { namespace: 'blue' }),
      agent('c', 0, { running: {} }, { namespace: 'tenant', ownerReferences: [] }),
    ];
    serve({ [HOME]: [agent('a')], '/api/v1/pods': elsewhere });
    start();
    const { targets, notices } = await found.next(({ notices: some }) => some !== undefined);
    assert.deepEqual(
      targets.map(({ pod }) => pod),
      ['a'],
    );
    assert.deepEqual(notices, ['agents in namespace blue are not used: `kflow agents --agent-namespace blue`']);
  });

  it('tells of an agent that waits, why, and that it waits no more', async () => {
    const waiting = { waiting: { reason: 'ImagePullBackOff' } };
    const watch = serve({ [HOME]: [agent('a', 0, waiting)] });
    start();
    const first = await found.next();
    await assert.rejects(first.targets[0]?.dial(NEVER) ?? Promise.resolve(), /^Error: ImagePullBackOff$/);
    (await watch).write(event('MODIFIED', agent('a')));
    assert.notEqual((await found.next()).targets[0]?.key, first.targets[0]?.key);
  });

  it('looks in each namespace that it is given', async () => {
    const blue = agent('b', 0, { running: {} }, { namespace: 'blue' });
    serve({ [HOME]: [agent('a')], '/api/v1/namespaces/blue/pods': [blue] });
    start({ agentNamespaces: ['blue', 'kflow'] });
    assert.deepEqual(pods(await found.next(({ targets }) => targets.length > 1)), ['b', 'a']);
  });

  it('names the missing right where it may not look', async () => {
    serve({});
    start();
    const { targets, error } = await found.next();
    assert.equal(targets.length, 0);
    assert.match(error ?? '', /not allowed to list pods in namespace kflow: user "jane" needs a Role/);
  });

  it('keeps to the namespace and the labels that it is given', async () => {
    serve({ '/api/v1/namespaces/mine/pods': [] });
    start({ agentNamespaces: ['mine'], agentSelector: 'team=x' });
    assert.match((await found.next()).error ?? '', /^No agents with label team=x in namespace mine: `kflow install`/);
    const elsewhere = api.requests.filter((request) => !request.startsWith('GET /api/v1/namespaces/mine/pods?'));
    assert.deepEqual(elsewhere.length, 1, 'once, to name namespaces that have some');
  });

  it('names the namespaces that have agents to anyone who looks into one that has none', async () => {
    serve({ '/api/v1/namespaces/mine/pods': [], '/api/v1/pods': [agent('a')] });
    start({ agentNamespaces: ['mine'] });
    const { error, targets } = await found.next();
    assert.deepEqual(
      [error, targets],
      ['No agents in namespace mine, but in namespace kflow: `kflow agents --agent-namespace kflow`', []],
    );
  });

  it('looks for agents in the namespace that was asked for, where it may not look everywhere', async () => {
    const shop = agent('s', 0, { running: {} }, { namespace: 'shop' });
    serve({ [HOME]: [agent('a')], '/api/v1/namespaces/shop/pods': [shop] });
    start({ namespace: 'shop' });
    const { targets, notices } = await found.next();
    assert.equal(targets.length, 1);
    assert.deepEqual(notices, ['agents in namespace shop are not used: `kflow agents --agent-namespace shop`']);
  });

  it('says what to do about a cluster without agents', async () => {
    serve({ [HOME]: [], '/api/v1/pods': [] });
    start();
    const { error } = await found.next();
    assert.equal(error, 'No agents in namespace kflow: `kflow install`, or `kflow --local`');
  });

  it('keeps the agents while the API server is gone', async () => {
    const watch = serve({ [HOME]: [agent('a')] });
    start();
    const before = await found.next();
    await watch;
    await api.stop();
    const during = await found.next(({ error }) => error !== undefined);
    assert.deepEqual(during.targets, before.targets);
    serve({ [HOME]: [agent('a')] });
    // A watch that is taken up says nothing until there is something to say, except for its status.
    const { handle } = api;
    api.handle = (request, response, url) => {
      if (url.searchParams.has('watch')) response.flushHeaders();
      handle(request, response, url);
    };
    await api.start();
    const after = await found.next(({ error }) => error === undefined);
    assert.deepEqual(after.targets, before.targets);
  });
});
