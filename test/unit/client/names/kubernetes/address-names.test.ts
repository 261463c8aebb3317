import assert from 'node:assert/strict';
import { beforeEach, describe, it } from 'node:test';
import { AddressNames } from '../../../../../src/client/names/kubernetes/address-names.ts';
import { nodeFacts, podFacts, serviceFacts } from '../../../../../src/client/names/kubernetes/objects.ts';

const START = Date.parse('2026-01-01T00:00:00Z');
const HOUR = 3_600_000;

function pod(
  name: string,
  ip: string,
  { node = 'n1', hostIP = '192.0.2.1', phase = 'Running', spec = {}, status = {}, start = START } = {},
) {
  const facts = podFacts({
    metadata: { uid: `uid-${name}`, name, namespace: 'shop' },
    spec: { nodeName: node, ...spec },
    status: { phase, startTime: new Date(start).toISOString(), podIP: ip, podIPs: [{ ip }], hostIP, ...status },
  });
  assert.ok(facts);
  return facts;
}
function node(name: string, addresses: readonly string[], spec: object = {}, annotations: object = {}) {
  const typed = addresses.map((address) => ({ type: 'InternalIP', address }));
  const facts = nodeFacts({
    metadata: { uid: `uid-${name}`, name, annotations },
    spec,
    status: { addresses: [...typed, { type: 'Hostname', address: name }] },
  });
  assert.ok(facts);
  return facts;
}
function service(name: string, spec: object, status: object = {}) {
  const facts = serviceFacts({
    metadata: { uid: `uid-${name}`, name, namespace: 'shop', creationTimestamp: '2026-01-01T00:00:00Z' },
    spec,
    status,
  });
  assert.ok(facts);
  return facts;
}

describe('AddressNames', () => {
  let names: AddressNames;
  let now: number;
  const at = (address: string, time = now) => {
    const { kind, name } = names.party(address, time) ?? {};
    return kind && `${kind} ${name ?? ''}`.trim();
  };
  beforeEach(() => {
    now = START + HOUR;
    names = new AddressNames(() => now);
  });

  it('names a pod by all its addresses', () => {
    names.putPod(pod('web', '10.1.1.2', { status: { podIPs: [{ ip: '10.1.1.2' }, { ip: 'fd00::2' }] } }));
    assert.deepEqual([at('10.1.1.2'), at('fd00::2')], ['pod web', 'pod web']);
    const party = names.party('10.1.1.2', now);
    assert.deepEqual(party, { address: '10.1.1.2', kind: 'pod', namespace: 'shop', name: 'web', node: 'n1' });
    names.putPod(pod('web', '10.1.1.2'));
    assert.equal(names.party('10.1.1.2', now), party, 'the same object');
  });

  it('names an address that another pod has now by who had it then', () => {
    names.putPod(pod('old', '10.1.1.2'));
    now += HOUR;
    names.removePod(pod('old', '10.1.1.2'));
    names.putPod(pod('new', '10.1.1.2', { start: now }));
    assert.deepEqual([at('10.1.1.2', now - HOUR), at('10.1.1.2', now + HOUR)], ['pod old', 'pod new']);
  });

  it('takes the address from a pod that has ended, though the API still shows it', () => {
    names.putPod(pod('job', '10.1.1.2'));
    const finishedAt = new Date(now).toISOString();
    const status = { containerStatuses: [{ state: { terminated: { finishedAt } } }] };
    names.putPod(pod('job', '10.1.1.2', { phase: 'Succeeded', status }));
    assert.deepEqual([at('10.1.1.2', now), at('10.1.1.2', now + HOUR)], ['pod job', undefined]);
  });

  it("gives a hostNetwork pod's address to its node", () => {
    names.putPod(pod('proxy', '192.0.2.1', { spec: { hostNetwork: true } }));
    assert.equal(at('192.0.2.1'), 'node n1');
  });

  it('knows nodes from their pods, where nodes may not be listed', () => {
    names.putPod(pod('a', '10.1.1.2'));
    names.putPod(pod('b', '10.1.1.3'));
    names.removePod(pod('a', '10.1.1.2'));
    assert.equal(at('192.0.2.1'), 'node n1');
    names.removePod(pod('b', '10.1.1.3'));
    assert.equal(at('192.0.2.1', now + HOUR), undefined);
  });

  it('names nodes by addresses, tunnels and the bridge to their pods', () => {
    names.putNode(
      node(
        'n1',
        ['192.0.2.1', '2001:db8::1'],
        { podCIDRs: ['10.1.1.0/24', 'fd00:1::/64'] },
        { 'projectcalico.org/IPv4IPIPTunnelAddr': '10.1.1.64' },
      ),
    );
    assert.deepEqual(
      ['192.0.2.1', '2001:db8::1', '10.1.1.64', '10.1.1.0', '10.1.1.1', 'fd00:1::1', '10.1.1.2'].map((address) =>
        at(address),
      ),
      [...Array(6).fill('node n1'), undefined],
    );
    assert.equal(names.party('10.1.1.1', now), names.party('10.1.1.1', now));
  });

  it("infers a bridge's address where all pods of its block are on one node, and not where they are mixed", () => {
    names.putPod(pod('a', '10.1.1.2'));
    assert.equal(at('10.1.1.1'), 'node n1');
    names.putPod(pod('b', '10.1.1.3', { node: 'n2', hostIP: '192.0.2.2' }));
    assert.equal(at('10.1.1.1'), undefined);
  });

  it('calls outside only what no pod, node or service can be', () => {
    names.putPod(pod('a', '10.1.1.2'));
    assert.equal(at('203.0.113.9'), undefined, 'not all is known yet');
    names.complete = true;
    assert.equal(at('203.0.113.9'), 'external');
    assert.equal(names.party('203.0.113.9', now), names.party('203.0.113.9', now));
    for (const address of ['10.1.1.77', '127.0.0.1', '169.254.1.1', '::1', 'fe80::1', '224.0.0.1']) {
      assert.equal(at(address), undefined, address);
    }
    names.putPod(pod('b', '203.0.113.8'));
    assert.equal(at('203.0.113.9'), undefined, 'a pod range by now');
  });

  it('names services by cluster IP, external IP, load balancer and node port', () => {
    names.putNode(node('n1', ['192.0.2.1']));
    const ports = [
      { port: 80, nodePort: 30080 },
      { port: 53, protocol: 'UDP' },
    ];
    const spec = {
      clusterIP: '10.96.0.9',
      clusterIPs: ['10.96.0.9', 'fd00:96::9'],
      externalIPs: ['198.51.100.1'],
      ports,
    };
    names.putService(service('web', spec, { loadBalancer: { ingress: [{ ip: '198.51.100.2' }, { hostname: 'x' }] } }));
    const ref = { namespace: 'shop', name: 'web' };
    for (const address of ['10.96.0.9', 'fd00:96::9', '198.51.100.1', '198.51.100.2']) {
      assert.deepEqual(names.service(address, 80, 6), ref, address);
      assert.equal(at(address), 'service web');
    }
    assert.deepEqual(names.service('10.96.0.9', 53, 17), ref);
    assert.equal(names.service('10.96.0.9', 53, 6), undefined);
    assert.equal(names.service('10.96.0.9', 81, 6), undefined);
    assert.deepEqual(names.service('192.0.2.1', 30080, 6), ref);
    assert.equal(names.service('192.0.2.9', 30080, 6), undefined, 'not a node');
    assert.equal(names.service('192.0.2.1', 80, 6), undefined);
  });

  it('follows a service that changes, and keeps one that is gone until another takes its place', () => {
    names.putService(service('web', { clusterIP: '10.96.0.9', ports: [{ port: 80 }] }));
    names.putService(service('web', { clusterIP: '10.96.0.9', ports: [{ port: 81 }] }));
    assert.equal(names.service('10.96.0.9', 80, 6), undefined);
    names.removeService(service('web', { clusterIP: '10.96.0.9', ports: [{ port: 81 }] }));
    assert.equal(names.service('10.96.0.9', 81, 6)?.name, 'web');
    names.putService(service('next', { clusterIP: '10.96.0.9', ports: [{ port: 81 }] }));
    assert.equal(names.service('10.96.0.9', 81, 6)?.name, 'next');
  });

  it('leaves out headless services', () => {
    names.putService(service('db', { clusterIP: 'None', clusterIPs: ['None'], ports: [{ port: 5432 }] }));
    assert.equal(names.party('None', now), undefined);
  });

  it('lets a node keep its address where a load balancer is put on it', () => {
    names.putNode(node('n1', ['192.0.2.1']));
    names.putService(
      service(
        'web',
        { clusterIP: '10.96.0.9', ports: [{ port: 80 }] },
        { loadBalancer: { ingress: [{ ip: '192.0.2.1' }] } },
      ),
    );
    assert.equal(at('192.0.2.1'), 'node n1');
    assert.equal(names.service('192.0.2.1', 80, 6)?.name, 'web');
  });

  it('says whether an answer may be another', () => {
    assert.equal(names.putPod(pod('a', '10.1.1.2')), true);
    assert.equal(names.putPod(pod('a', '10.1.1.2')), false);
  });
});
