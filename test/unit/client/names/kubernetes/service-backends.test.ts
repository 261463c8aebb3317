import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  decodeEndpointSlice,
  decodeService,
  type EndpointSliceInfo,
  type ServiceInfo,
} from '../../../../../src/client/names/kubernetes/objects.ts';
import { ServiceBackends } from '../../../../../src/client/names/kubernetes/service-backends.ts';

function slice(uid: string, ready: readonly (boolean | undefined)[], namespace = 'shop'): EndpointSliceInfo {
  const facts = decodeEndpointSlice({
    metadata: { uid, name: uid, namespace, labels: { 'kubernetes.io/service-name': 'web' } },
    endpoints: ready.map((one) => ({ conditions: one === undefined ? {} : { ready: one } })),
  });
  assert.ok(facts);
  return facts;
}

function service(name: string, spec: object): ServiceInfo {
  const facts = decodeService({
    metadata: { uid: name, name, namespace: 'shop' },
    spec: { clusterIP: '10.96.0.9', selector: { app: 'web' }, ...spec },
  });
  assert.ok(facts);
  return facts;
}

const WEB = service('web', {});

test('a service is idle until an endpoint in any of its slices is ready', () => {
  const backends = new ServiceBackends();
  backends.putService(WEB);
  assert.deepEqual(backends.withoutEndpoints, ['shop/web'], 'no slice yet');
  backends.putSlice(slice('a', []));
  backends.putSlice(slice('b', [false, false]));
  assert.deepEqual(backends.withoutEndpoints, ['shop/web']);
  backends.putSlice(slice('b', [false, true]));
  assert.deepEqual(backends.withoutEndpoints, []);
  backends.putSlice(slice('b', [false, false]));
  backends.putSlice(slice('a', [undefined]));
  assert.deepEqual(backends.withoutEndpoints, [], 'what does not say is ready');
  backends.removeSlice(slice('a', []));
  assert.deepEqual(backends.withoutEndpoints, ['shop/web']);
  backends.removeService(WEB);
  assert.deepEqual(backends.withoutEndpoints, []);
});

test('endpoints of another namespace do not count', () => {
  const backends = new ServiceBackends();
  backends.putService(WEB);
  backends.putSlice(slice('a', [true], 'other'));
  assert.deepEqual(backends.withoutEndpoints, ['shop/web']);
});

test('services that select no pods, have no address, or are only a name are not judged', () => {
  const backends = new ServiceBackends();
  backends.putService(service('external', { selector: {} }));
  backends.putService(service('by-hand', { selector: undefined }));
  backends.putService(service('headless', { clusterIP: 'None' }));
  backends.putService(service('name', { type: 'ExternalName' }));
  assert.deepEqual(backends.withoutEndpoints, []);
});

test('a slice of no service is nothing', () => {
  assert.equal(
    decodeEndpointSlice({ metadata: { uid: 'a', name: 'a', namespace: 'shop' }, endpoints: [{}] }),
    undefined,
  );
});
