import assert from 'node:assert/strict';
import { after, afterEach, before, describe, it } from 'node:test';
import type { Subscription } from 'rxjs';
import { clusterDiscovery } from '../../src/client/agents/cluster-discovery.ts';
import type { DiscoveryResult } from '../../src/client/agents/discovery.ts';
import type { KubeClient, KubeOptions } from '../../src/client/kubernetes/config.ts';
import { each } from '../each.ts';
import { Inbox } from '../unit/client/kubernetes/fake-api.ts';
import { GREETING, greet, noCluster, Playground } from './playground.ts';

const SECONDS = 60_000;

describe('discovery', { skip: noCluster, timeout: 180_000 }, () => {
  let playground: Playground;
  let count: number;
  let subscription: Subscription | undefined;
  before(async () => {
    playground = new Playground();
    await playground.open();
    await playground.create(playground.daemon());
    count = (await playground.nodes()).length;
    await playground.running(count);
  });
  after(() => playground?.close());
  afterEach(() => subscription?.unsubscribe());

  const watch = (kube: KubeClient, options: KubeOptions = {}) => {
    const found = new Inbox<DiscoveryResult>();
    const own = { agentNamespaces: [playground.namespace], agentSelector: playground.selector };
    subscription = clusterDiscovery(kube, { ...own, ...options }).discovered$.subscribe((one) => found.push(one));
    return found;
  };

  it('finds the agents, and reaches them', async (t) => {
    const { targets, error } = await watch(playground.kube).next();
    assert.equal(error, undefined);
    assert.equal(targets.length, count);
    for (const target of targets) {
      assert.ok(target.node);
      const dialed = await target.dial(new AbortController().signal);
      t.after(() => dialed.close());
      assert.equal(await greet(dialed.address), GREETING);
    }
  });

  it('follows a deleted agent to the one in its place', async () => {
    const found = watch(playground.kube);
    const [first] = (await found.next()).targets;
    assert.ok(first?.pod);
    await playground.core.deleteNamespacedPod({ name: first.pod, namespace: playground.namespace });
    const isWhole = ({ targets }: DiscoveryResult) =>
      targets.length === count &&
      each(targets, ({ key, pod }) => pod !== first.pod && !/\.(waiting|unscheduled)$/.test(key));
    await found.next(isWhole, SECONDS);
  });

  it('polls for a user who may list in one namespace, and not watch', async () => {
    const rules = [{ apiGroups: [''], resources: ['pods'], verbs: ['get', 'list'] }];
    const found = watch(await playground.user('poller', rules));
    const { targets } = await found.next((one) => one.targets.length === count);
    await playground.core.deleteNamespacedPod({ name: targets[0]?.pod ?? '', namespace: playground.namespace });
    await found.next((one) => one.targets.some(({ key }) => !targets.some((old) => old.key === key)), SECONDS);
  });

  it('names the right that is missing', async () => {
    const found = watch(await playground.user('nobody', []));
    const { error } = await found.next((one) => one.error !== undefined);
    assert.match(error ?? '', /not allowed to list pods in namespace .*: user ".*:nobody" needs a Role/);
  });

  it('says so where there are none', async () => {
    const found = watch(playground.kube, { agentSelector: `${playground.selector},none=none` });
    assert.match((await found.next()).error ?? '', /No agents .*`kflow install`/);
  });
});
