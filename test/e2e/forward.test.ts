import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { dirname } from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { KubeClient } from '../../src/client/kubernetes/config.ts';
import { PortForwarder } from '../../src/client/kubernetes/port-forward/port-forwarder.ts';
import { GREETING, greet, noCluster, Playground, PORT } from './playground.ts';

const NEVER = new AbortController().signal;
const GET_PODS = { apiGroups: [''], resources: ['pods'], verbs: ['get', 'list'] };
const FORWARD = { apiGroups: [''], resources: ['pods/portforward'], verbs: ['create'] };

describe('port-forward', { skip: noCluster, timeout: 180_000 }, () => {
  let playground: Playground;
  let pod: string;
  before(async () => {
    playground = new Playground();
    await playground.open();
    await playground.create(playground.agents(1));
    await playground.running(1);
    pod = (await playground.pods())[0]?.metadata?.name ?? '';
  });
  after(() => playground?.close());

  const dial = (kube: KubeClient, port = PORT, name = pod) =>
    new PortForwarder(kube).dial({ namespace: playground.namespace, pod: name, port }, NEVER);

  const users: [string, () => Promise<KubeClient> | KubeClient][] = [
    ['an administrator (WebSocket)', () => playground.kube],
    ['a user who may only create port-forwards (SPDY)', () => playground.user('viewer', [GET_PODS, FORWARD])],
  ];
  for (const [name, user] of users) {
    it(`reaches the loopback of a pod for ${name}`, async (t) => {
      const kube = await user();
      const dialed = await dial(kube);
      t.after(() => dialed.close());
      for (let i = 0; i < 2; i++) assert.equal(await greet(dialed.address), GREETING);
      dialed.close();
      assert.equal(existsSync(dirname(dialed.address.replace('unix:', ''))), false);
      const refused = await dial(kube, 1);
      t.after(() => refused.close());
      assert.match((await refused.closed) ?? '', /nothing listens on 127\.0\.0\.1:1 in the pod/);
      await assert.rejects(dial(kube, PORT, 'none'), /pod .*\/none is gone/);
    });
  }

  it('names the right that is missing', async () => {
    const kube = await playground.user('lister', [GET_PODS]);
    await assert.rejects(dial(kube), /not allowed to create pods\/portforward in namespace .*:lister" needs a Role/);
  });

  it('is broken when the pod is deleted', async (t) => {
    const dialed = await dial(playground.kube);
    t.after(() => dialed.close());
    await playground.core.deleteNamespacedPod({ name: pod, namespace: playground.namespace });
    assert.ok(await dialed.closed);
  });
});
