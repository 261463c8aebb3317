import assert from 'node:assert/strict';
import type { ServerResponse } from 'node:http';
import { afterEach, beforeEach, describe, it } from 'node:test';
import type { Subscription } from 'rxjs';
import { clusterDiscovery } from '../../../../src/client/discover/cluster.ts';
import type { Discovered } from '../../../../src/client/discover/target.ts';
import type { KubeOptions } from '../../../../src/client/kube/config.ts';
import { event, FakeApi, Inbox, list, sendJson, sendStatus } from '../kube/fake-api.ts';

function agent(name: string, restarts = 0, state: object = { running: {} }) {
  return {
    metadata: { uid: `uid-of-${name}`, name, namespace: 'kflow', resourceVersion: '5' },
    spec: { nodeName: `node-of-${name}`, containers: [{ name: 'agent' }] },
    status: { phase: 'Running', containerStatuses: [{ name: 'agent', restartCount: restarts, state }] },
  };
}

const FORBIDDEN = 'pods is forbidden: User "jane" cannot list resource "pods"';
const NEVER = new AbortController().signal;

describe('clusterDiscovery', () => {
  let api: FakeApi;
  let found: Inbox<Discovered>;
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
    const discovery = clusterDiscovery(api.kube(options.namespace), options);
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
  const pods = (discovered: Discovered) => discovered.targets.map(({ pod }) => pod);

  it('finds the agents in all namespaces, and follows them', async () => {
    const watch = serve({ '/api/v1/pods': [agent('a')] });
    start();
    const first = await found.next();
    assert.deepEqual(pods(first), ['a']);
    assert.equal(first.problem, undefined);
    assert.equal(first.targets[0]?.node, 'node-of-a');
    assert.match(api.requests[0] ?? '', /labelSelector=app%3Dkflow-daemon/);
    const response = await watch;
    response.write(event('ADDED', agent('b')));
    assert.deepEqual(pods(await found.next()), ['a', 'b']);
    // Of no concern: no news of it.
    response.write(event('MODIFIED', { ...agent('b'), metadata: { ...agent('b').metadata, labels: { x: 'y' } } }));
    response.write(event('MODIFIED', agent('b', 1)));
    const restarted = await found.next();
    assert.equal(restarted.targets[0], first.targets[0]);
    assert.match(restarted.targets[1]?.key ?? '', /^kflow\/b#.*\.1$/);
    response.write(event('DELETED', agent('a')));
    assert.deepEqual(pods(await found.next()), ['b']);
  });

  it('tells of an agent that waits, why, and that it waits no more', async () => {
    const waiting = { waiting: { reason: 'ImagePullBackOff' } };
    const watch = serve({ '/api/v1/pods': [agent('a', 0, waiting)] });
    start();
    const first = await found.next();
    await assert.rejects(first.targets[0]?.dial(NEVER) ?? Promise.resolve(), /^Error: ImagePullBackOff$/);
    (await watch).write(event('MODIFIED', agent('a')));
    assert.notEqual((await found.next()).targets[0]?.key, first.targets[0]?.key);
  });

  it('looks in one namespace where it may not look everywhere', async () => {
    serve({ '/api/v1/namespaces/shop/pods': [agent('a')] });
    start();
    const discovered = await found.next(({ targets }) => targets.length > 0);
    assert.deepEqual(pods(discovered), ['a']);
    assert.equal(discovered.problem, undefined);
  });

  it('looks where the agents are usually installed, too', async () => {
    serve({ '/api/v1/namespaces/kflow/pods': [agent('a')] });
    start();
    assert.deepEqual(pods(await found.next(({ targets }) => targets.length > 0)), ['a']);
  });

  it('names the missing right where it may look nowhere', async () => {
    serve({});
    start();
    const { targets, problem } = await found.next();
    assert.equal(targets.length, 0);
    assert.match(problem ?? '', /not allowed to list pods in all namespaces: user "jane" needs a ClusterRole/);
  });

  it('keeps to the namespace and the labels that it is given', async () => {
    serve({ '/api/v1/namespaces/mine/pods': [] });
    start({ namespace: 'mine', selector: 'team=x' });
    assert.match((await found.next()).problem ?? '', /^No agents with label team=x in namespace mine: `kflow install`/);
    const elsewhere = api.requests.filter((request) => !request.startsWith('GET /api/v1/namespaces/mine/pods?'));
    assert.deepEqual(elsewhere.length, 1, 'once, to name namespaces that have some');
  });

  it('names the namespaces that have agents to whoever looks into one that has none', async () => {
    serve({ '/api/v1/namespaces/mine/pods': [], '/api/v1/pods': [agent('a')] });
    start({ namespace: 'mine' });
    const { problem, targets } = await found.next();
    assert.deepEqual([problem, targets], ['No agents in namespace mine, but in namespace kflow (`-n kflow`)', []]);
  });

  it('looks nowhere else with --all-namespaces', async () => {
    serve({ '/api/v1/namespaces/shop/pods': [agent('a')] });
    start({ namespace: 'shop', allNamespaces: true });
    assert.match((await found.next()).problem ?? '', /list pods in all namespaces/);
    assert.ok(api.requests.every((request) => request.startsWith('GET /api/v1/pods?')));
  });

  it('says what to do about a cluster without agents', async () => {
    serve({ '/api/v1/pods': [] });
    start();
    const { problem } = await found.next();
    assert.equal(problem, 'No agents in this cluster: `kflow install`, or `kflow --local`');
  });

  it('keeps the agents while the API server is gone', async () => {
    const watch = serve({ '/api/v1/pods': [agent('a')] });
    start();
    const before = await found.next();
    await watch;
    await api.stop();
    const during = await found.next(({ problem }) => problem !== undefined);
    assert.deepEqual(during.targets, before.targets);
    serve({ '/api/v1/pods': [agent('a')] });
    // A watch that is taken up says nothing until there is something to say, but for its status.
    const { handle } = api;
    api.handle = (request, response, url) => {
      if (url.searchParams.has('watch')) response.flushHeaders();
      handle(request, response, url);
    };
    await api.start();
    const after = await found.next(({ problem }) => problem === undefined);
    assert.deepEqual(after.targets, before.targets);
  });
});
