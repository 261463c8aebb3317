import assert from 'node:assert/strict';
import { beforeEach, describe, it } from 'node:test';
import { AddressResolver } from '../../../../../src/client/names/kubernetes/address-resolver.ts';
import { decodeNode, decodePod, decodeService } from '../../../../../src/client/names/kubernetes/objects.ts';

const START = Date.parse('2026-01-01T00:00:00Z');
const HOUR = 3_600_000;

function pod(
  name: string,
  ip: string,
  { node = 'n1', hostIP = '192.0.2.1', phase = 'Running', spec = {}, status = {}, start = START } = {},
) {
  const facts = decodePod({
    metadata: { uid: `uid-${name}`, name, namespace: 'shop' },
    spec: { nodeName: node, ...spec },
    status: { phase, startTime: new Date(start).toISOString(), podIP: ip, podIPs: [{ ip }], hostIP, ...status },
  });
  assert.ok(facts);
  return facts;
}

function node(name: string, addresses: readonly string[], spec: object = {}, annotations: object = {}) {
  const typed = addresses.map((address) => ({ type: 'InternalIP', address }));
  const facts = decodeNode({
    metadata: { uid: `uid-${name}`, name, annotations },
    spec,
    status: { addresses: [...typed, { type: 'Hostname', address: name }] },
  });
  assert.ok(facts);
  return facts;
}

function service(name: string, spec: object, status: object = {}) {
  const facts = decodeService({
    metadata: { uid: `uid-${name}`, name, namespace: 'shop', creationTimestamp: '2026-01-01T00:00:00Z' },
    spec,
    status,
  });
  assert.ok(facts);
  return facts;
}

function serviceSince(name: string, spec: object, since: number) {
  return { ...service(name, spec), from: since };
}

describe('AddressNames', () => {
  let names: AddressResolver;
  let now: number;
  const at = (address: string, time = now) => {
    const { kind, name } = names.endpoint(address, time) ?? {};
    return kind && `${kind} ${name ?? ''}`.trim();
  };
  beforeEach(() => {
    now = START + HOUR;
    names = new AddressResolver(() => now);
  });

  it('knows on which node the owner of an address is: now, or when there is none, before', () => {
    names.putPod(pod('web', '10.1.1.2', { node: 'n1', hostIP: '192.0.2.1' }));
    assert.deepEqual(names.owners('10.1.1.2'), { nodes: ['n1'], isPod: true });
    assert.deepEqual(names.owners('192.0.2.1'), { nodes: ['n1'], isPod: false });
    assert.equal(names.owners('192.0.2.77'), undefined);
    names.removePod(pod('web', '10.1.1.2', { node: 'n1' }));
    assert.deepEqual(names.owners('10.1.1.2'), { nodes: ['n1'], isPod: true });
    names.putPod(pod('api', '10.1.1.2', { node: 'n2', start: now }));
    assert.deepEqual(names.owners('10.1.1.2'), { nodes: ['n2'], isPod: true });
  });

  it('names a pod by all its addresses', () => {
    names.putPod(pod('web', '10.1.1.2', { status: { podIPs: [{ ip: '10.1.1.2' }, { ip: 'fd00::2' }] } }));
    assert.deepEqual([at('10.1.1.2'), at('fd00::2')], ['pod web', 'pod web']);
    const endpoint = names.endpoint('10.1.1.2', now);
    assert.deepEqual(endpoint, { address: '10.1.1.2', kind: 'pod', namespace: 'shop', name: 'web', node: 'n1' });
    names.putPod(pod('web', '10.1.1.2'));
    assert.equal(names.endpoint('10.1.1.2', now), endpoint, 'the same object');
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
    names.putNode(node('n1', ['192.0.2.1', '2001:db8::1'], { podCIDRs: ['10.1.1.0/24', 'fd00:1::/64'] }));
    names.putNode(node('n2', ['192.0.2.2'], {}, { 'projectcalico.org/IPv4IPIPTunnelAddr': '10.1.1.64' }));
    assert.deepEqual(
      ['192.0.2.1', '2001:db8::1', '10.1.1.0', '10.1.1.1', 'fd00:1::1', '10.1.1.2', '10.1.1.64'].map((address) =>
        at(address),
      ),
      [...Array(5).fill('node n1'), undefined, 'node n2'],
    );
    assert.equal(names.endpoint('10.1.1.1', now), names.endpoint('10.1.1.1', now));
  });

  it('takes no address for a node that may be the one of a new pod', () => {
    names.complete = true;
    names.putPod(pod('a', '10.1.1.2'));
    names.putNode(
      node('n2', ['192.0.2.2'], { podCIDRs: ['10.1.2.0/24'] }, { 'projectcalico.org/IPv4Address': '192.0.2.2/24' }),
    );
    for (const address of ['10.1.1.1', '10.1.1.7', '10.1.2.1', '10.1.2.7'])
      assert.equal(at(address), undefined, address);
  });

  it('calls outside only what no pod, node or service can be', () => {
    names.putPod(pod('a', '10.1.1.2'));
    assert.equal(at('203.0.113.9'), undefined, 'not all is known yet');
    names.complete = true;
    assert.equal(at('203.0.113.9'), 'external');
    assert.equal(names.endpoint('203.0.113.9', now), names.endpoint('203.0.113.9', now));
    for (const address of ['10.1.1.77', '127.0.0.1', '169.254.1.1', '::1', 'fe80::1', '224.0.0.1']) {
      assert.equal(at(address), undefined, address);
    }
    names.putPod(pod('b', '203.0.113.8'));
    assert.equal(at('203.0.113.9'), undefined, 'a pod range by now');
    assert.equal(at('203.0.113.9'), undefined, 'also when it is asked for again');
  });

  it('takes an address that several pods have for a pod’s, on each of their nodes', () => {
    names.putPod(pod('web', '10.1.1.2', { node: 'n1' }));
    names.putPod(pod('api', '10.1.1.2', { node: 'n2' }));
    assert.deepEqual(names.owners('10.1.1.2'), { nodes: ['n1', 'n2'], isPod: true });
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

  it('follows a service that changes: each connection has the name of its time', () => {
    names.putService(service('web', { clusterIP: '10.96.0.9', ports: [{ port: 80 }] }));
    const changed = now + HOUR;
    now = changed;
    names.putService(service('web', { clusterIP: '10.96.0.9', ports: [{ port: 81 }] }));
    now += HOUR;
    const asked = (port: number, time?: number) => names.service('10.96.0.9', port, 6, time)?.name;
    assert.deepEqual(
      [asked(80), asked(80, changed - 1), asked(81), asked(81, changed - HOUR)],
      [undefined, 'web', 'web', undefined],
    );
  });

  it('names a connection by the service that it asked, though another has its cluster IP by now', () => {
    const spec = { clusterIP: '10.96.0.9', ports: [{ port: 80 }] };
    names.putService(service('web', spec));
    const began = now;
    now += HOUR;
    names.removeService(service('web', spec));
    const asked = (at?: number, since?: number) => names.service('10.96.0.9', 80, 6, at, since)?.name;
    assert.equal(asked(began), 'web', 'gone, and what it was');
    const recreated = now + HOUR;
    now = recreated;
    names.putService(serviceSince('next', spec, recreated));
    now += HOUR;
    assert.deepEqual([asked(), asked(recreated), asked(began)], ['next', 'next', 'web']);
    const old = names.endpoint('10.96.0.9', began);
    assert.deepEqual([old?.name, names.endpoint('10.96.0.9', now)?.name], ['web', 'next']);
    assert.equal(asked(recreated - HOUR / 2), undefined, 'there was none');
    assert.equal(asked(began, Number.NEGATIVE_INFINITY), 'web', 'it was seen before there was another');
    assert.equal(asked(now, Number.NEGATIVE_INFINITY), undefined, 'either of them');
    assert.equal(asked(now, recreated + 1), 'next');
  });

  it('lets a node port that is gone claim no later connection', () => {
    names.putNode(node('n1', ['192.0.2.1']));
    const spec = { clusterIP: '10.96.0.9', ports: [{ port: 80, nodePort: 30080 }] };
    names.putService(service('web', spec));
    const began = now;
    now += HOUR;
    names.removeService(service('web', spec));
    now += HOUR;
    const asked = (at?: number, since?: number) => names.service('192.0.2.1', 30080, 6, at, since)?.name;
    assert.deepEqual(
      [asked(began), asked(began, Number.NEGATIVE_INFINITY), asked(), asked(now, Number.NEGATIVE_INFINITY)],
      ['web', 'web', undefined, undefined],
    );
  });

  it('names nobody where an address changed its owner and nobody knows when the connection began', () => {
    const finishedAt = new Date(START + HOUR / 2).toISOString();
    const status = { containerStatuses: [{ state: { terminated: { finishedAt } } }] };
    names.putPod(pod('job', '10.1.1.2', { phase: 'Succeeded', status }));
    names.putPod(pod('web', '10.1.1.2', { start: START + HOUR * 0.75 }));
    const ever = Number.NEGATIVE_INFINITY;
    const words = { kind: 'pod', namespace: 'shop', node: 'n1', address: '10.1.1.2' };
    const unknown = names.endpoint('10.1.1.2', now, ever);
    assert.deepEqual(unknown, {
      address: '10.1.1.2',
      candidates: [
        { ...words, name: 'job', ended: true },
        { ...words, name: 'web' },
      ],
    });
    assert.equal(names.endpoint('10.1.1.2', now + 1, ever), unknown, 'the same object');
    assert.equal(names.endpoint('10.1.1.2', now)?.name, 'web', 'it is known when it began');
    assert.equal(names.endpoint('10.1.1.2', now, START + HOUR * 0.6)?.name, 'web', 'after the other had ended');
    assert.equal(names.endpoint('10.1.1.2', START + HOUR / 4, ever)?.name, 'job', 'seen before there was the other');
  });

  it('names the only pod that is known to have had an address, whenever a connection began', () => {
    names.putPod(pod('web', '10.1.1.2'));
    assert.equal(names.endpoint('10.1.1.2', now, Number.NEGATIVE_INFINITY)?.name, 'web');
  });

  it('takes it that a failed pod that does not tell when it ended had ended when the next began', () => {
    names.putPod(pod('evicted', '10.1.1.2', { phase: 'Failed' }));
    names.putPod(pod('web', '10.1.1.2', { start: START + HOUR / 2 }));
    assert.equal(names.endpoint('10.1.1.2', now, START + HOUR * 0.6)?.name, 'web');
    assert.equal(names.endpoint('10.1.1.2', now, Number.NEGATIVE_INFINITY)?.candidates?.length, 2);
  });

  it('says that a pod has ended', () => {
    names.putPod(pod('web', '10.1.1.2'));
    assert.equal(names.endpoint('10.1.1.2', now)?.ended, undefined);
    names.removePod(pod('web', '10.1.1.2'));
    assert.equal(names.endpoint('10.1.1.2', now)?.ended, true);
  });

  it('leaves out headless services', () => {
    names.putService(service('db', { clusterIP: 'None', clusterIPs: ['None'], ports: [{ port: 5432 }] }));
    assert.equal(names.endpoint('None', now), undefined);
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
