import assert from 'node:assert/strict';
import type { ServerResponse } from 'node:http';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { isDeepStrictEqual } from 'node:util';
import type { Subscription } from 'rxjs';
import { kubernetesResolver } from '../../../../../src/client/names/kubernetes/kubernetes-names.ts';
import type { NameResolver } from '../../../../../src/client/names/name-resolver.ts';
import { event, FakeApi, Inbox, list, sendJson, sendStatus } from '../../kubernetes/fake-api.ts';

const POD = {
  metadata: { uid: 'u', name: 'web', namespace: 'shop', resourceVersion: '6' },
  spec: { nodeName: 'n1' },
  status: { phase: 'Running', podIP: '10.1.1.2', hostIP: '192.0.2.1', startTime: '2026-01-01T00:00:00Z' },
};
const SERVICE = {
  metadata: { uid: 's', name: 'web', namespace: 'shop' },
  spec: { clusterIP: '10.96.0.9', ports: [{ port: 80 }] },
};

const SLICES = '/apis/discovery.k8s.io/v1/endpointslices';

describe('kubernetesNames', () => {
  let api: FakeApi;
  let names: NameResolver;
  let changes: Inbox<void>;
  let subscription: Subscription | undefined;
  beforeEach(async () => {
    api = new FakeApi();
    changes = new Inbox();
    await api.start();
  });
  afterEach(async () => {
    subscription?.unsubscribe();
    await api.remove();
  });

  const start = (lists: Record<string, readonly unknown[]>) => {
    const watch = new Promise<ServerResponse>((resolve) => {
      api.handle = (_request, response, url) => {
        const items = lists[url.pathname];
        if (items === undefined) sendStatus(response, 403, 'x is forbidden: User "jane" cannot list resource "x"');
        else if (!url.searchParams.has('watch')) sendJson(response, list('5', items));
        else if (url.pathname.endsWith('/pods')) resolve(response);
      };
    });
    names = kubernetesResolver(api.kube('shop'));
    subscription = names.changed$.subscribe(() => changes.push());
    return watch;
  };
  const until = async (holds: () => boolean) => {
    while (!holds()) await changes.next();
  };

  it('names what it may list, follows it, and tells when that changes', async () => {
    const watch = start({ '/api/v1/pods': [POD], '/api/v1/services': [SERVICE], '/api/v1/nodes': [], [SLICES]: [] });
    await until(() => names.endpoint('203.0.113.9', Date.now())?.kind === 'external');
    assert.equal(names.endpoint('10.1.1.2', Date.now())?.name, 'web');
    assert.deepEqual(names.service('10.96.0.9', 80, 6), { namespace: 'shop', name: 'web' });
    assert.deepEqual(names.notices, []);
    const other = {
      ...POD,
      metadata: { ...POD.metadata, uid: 'v', name: 'api' },
      status: { ...POD.status, podIP: '10.1.1.3' },
    };
    (await watch).write(event('ADDED', other));
    await until(() => names.endpoint('10.1.1.3', Date.now())?.name === 'api');
  });

  it('is content with one namespace, and says once what is missing', async () => {
    start({ '/api/v1/namespaces/shop/pods': [POD] });
    await until(
      () =>
        names.endpoint('10.1.1.2', Date.now()) !== undefined &&
        /nodes.*services|services.*nodes/.test(names.notices[0] ?? ''),
    );
    assert.equal(names.notices.length, 1);
    assert.match(names.notices[0] ?? '', /pods outside namespace shop/);
    assert.match(names.notices[0] ?? '', /user "jane" may not list them; a ClusterRole with verbs list and watch on/);
    assert.equal(names.endpoint('192.0.2.1', Date.now())?.name, 'n1', 'known from its pod');
    assert.equal(names.endpoint('203.0.113.9', Date.now()), undefined, 'it might be a pod of another namespace');
  });

  it('tells which services have no endpoints, and says so where that may not be known', async () => {
    const service = { ...SERVICE, spec: { ...SERVICE.spec, selector: { app: 'web' } } };
    const lists = { '/api/v1/pods': [], '/api/v1/services': [service], '/api/v1/nodes': [] };
    start({ ...lists, [SLICES]: [] });
    await until(() => names.servicesWithoutEndpoints?.length === 1);
    assert.deepEqual(names.servicesWithoutEndpoints, ['shop/web']);
    subscription?.unsubscribe();
    start(lists);
    await until(() => names.notices.length === 1);
    assert.match(
      names.notices[0] ?? '',
      /^services without endpoints are not shown: .*watch on endpointslices would do$/,
    );
    assert.deepEqual(names.servicesWithoutEndpoints, []);
    await until(() => names.pending === false);
  });

  it('tells on which nodes with pods a service that keeps connections on their node has no endpoint', async () => {
    const spec = { ...SERVICE.spec, selector: { app: 'web' }, internalTrafficPolicy: 'Local' };
    const on = (name: string, node: string, kind?: string) => ({
      metadata: {
        ...POD.metadata,
        uid: name,
        name,
        ...(kind === undefined ? {} : { ownerReferences: [{ kind, name: 'x', controller: true }] }),
      },
      spec: { nodeName: node },
      status: { ...POD.status, podIP: `10.1.1.${name.length}` },
    });
    const slice = (...endpoints: object[]) => ({
      metadata: { uid: 'e', namespace: 'shop', labels: { 'kubernetes.io/service-name': 'web' } },
      endpoints,
    });
    const lists = (services: object[], slices: object[]) => ({
      '/api/v1/pods': [on('a', 'n1'), on('bb', 'n2'), on('ccc', 'n3', 'DaemonSet')],
      '/api/v1/services': services,
      '/api/v1/nodes': [],
      [SLICES]: slices,
    });
    const gaps = async (services: object[], slices: object[]) => {
      subscription?.unsubscribe();
      start(lists(services, slices));
      await until(() => names.pending === false);
      await until(() => names.servicesWithoutEndpoints?.length === 0 || slices.length === 0);
      return names.localGaps;
    };
    const hasGap = async (slices: object[]) => {
      await gaps([local], slices);
      await until(() => isDeepStrictEqual(names.localGaps, [{ service: 'shop/web', nodes: ['n2'] }]));
    };
    const local = { ...SERVICE, spec };
    const ready = { nodeName: 'n1', conditions: { ready: true } };
    await hasGap([slice(ready)]);
    const away = { nodeName: 'n2', conditions: { ready: false, serving: false } };
    await hasGap([slice(ready, away)]);
    const ending = { nodeName: 'n2', conditions: { ready: false, serving: true, terminating: true } };
    assert.deepEqual(await gaps([local], [slice(ready, ending)]), [], 'it still serves');
    assert.deepEqual(
      await gaps([{ ...SERVICE, spec: { ...spec, internalTrafficPolicy: 'Cluster' } }], [slice(ready)]),
      [],
    );
    assert.deepEqual(await gaps([local], []), [], 'that it has none at all is reported otherwise');
  });

  it('asks nothing while nobody listens', async () => {
    start({ '/api/v1/pods': [], '/api/v1/services': [], '/api/v1/nodes': [] });
    await changes.next();
    subscription?.unsubscribe();
    const asked = api.requests.length;
    kubernetesResolver(api.kube('shop')).endpoint('10.1.1.2', 0);
    assert.equal(api.requests.length, asked);
  });
});
