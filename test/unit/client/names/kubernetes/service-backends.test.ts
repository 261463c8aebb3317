import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  type PodFacts,
  podFacts,
  type ServiceFacts,
  serviceFacts,
} from '../../../../../src/client/names/kubernetes/objects.ts';
import { ServiceBackends } from '../../../../../src/client/names/kubernetes/service-backends.ts';

function pod(name: string, labels: object, ready = true, over: object = {}): PodFacts {
  const facts = podFacts({
    metadata: { uid: name, name, namespace: 'shop', labels, ...over },
    status: { conditions: [{ type: 'Ready', status: ready ? 'True' : 'False' }] },
  });
  assert.ok(facts);
  return facts;
}

function service(name: string, spec: object): ServiceFacts {
  const facts = serviceFacts({
    metadata: { uid: name, name, namespace: 'shop' },
    spec: { clusterIP: '10.96.0.9', ...spec },
  });
  assert.ok(facts);
  return facts;
}

const WEB = service('web', { selector: { app: 'web', tier: 'front' } });

test('a service is idle until a pod that it selects is ready', () => {
  const backends = new ServiceBackends();
  backends.putService(WEB);
  assert.deepEqual(backends.idle, ['shop/web']);
  backends.putPod(pod('a', { app: 'web' }));
  backends.putPod(pod('b', { app: 'web', tier: 'front' }, false));
  assert.deepEqual(backends.idle, ['shop/web'], 'one is not selected, one is not ready');
  const ready = pod('b', { app: 'web', tier: 'front', more: 'x' });
  backends.putPod(ready);
  assert.deepEqual(backends.idle, []);
  backends.putPod(pod('b', { app: 'web', tier: 'front' }, true, { deletionTimestamp: '2026-01-01T00:00:00Z' }));
  assert.deepEqual(backends.idle, ['shop/web'], 'it is being deleted');
  backends.putPod(ready);
  backends.removePod(ready);
  assert.deepEqual(backends.idle, ['shop/web']);
  backends.removeService(WEB);
  assert.deepEqual(backends.idle, []);
});

test('pods of another namespace do not count', () => {
  const backends = new ServiceBackends();
  backends.putService(WEB);
  backends.putPod({ ...pod('a', { app: 'web', tier: 'front' }), namespace: 'other' });
  assert.deepEqual(backends.idle, ['shop/web']);
});

test('services that select no pods, have no address, or are only a name are not judged', () => {
  const backends = new ServiceBackends();
  backends.putService(service('external', { selector: {} }));
  backends.putService(service('by-hand', {}));
  backends.putService(service('headless', { selector: { app: 'x' }, clusterIP: 'None' }));
  backends.putService(service('name', { selector: { app: 'x' }, type: 'ExternalName' }));
  assert.deepEqual(backends.idle, []);
});
