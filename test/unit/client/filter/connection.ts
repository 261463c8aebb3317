import type { Connection } from '../../../../src/client/model/connection.ts';
import { TCP } from '../../../../src/flow/protocol.ts';

export const NOW = 1_700_000_100_000;

/** From pod shop/cart-5d7f on node2, through service shop/web and a masquerade, to pod shop/web-7f9c on node1. */
export const CART_TO_WEB: Connection = {
  id: 1,
  family: 4,
  protocol: TCP,
  source: {
    address: '10.244.2.3',
    kind: 'pod',
    namespace: 'shop',
    name: 'cart-5d7f',
    node: 'node2.example.com',
    workload: { kind: 'Deployment', name: 'cart' },
  },
  sourcePort: 33522,
  destination: { address: '10.244.1.3', kind: 'pod', namespace: 'shop', name: 'web-7f9c', node: 'node1' },
  destinationPort: 8080,
  service: { address: '10.96.222.143', port: 80, namespace: 'shop', name: 'web' },
  snat: { address: '10.89.0.12', port: 33522 },
  state: 4,
  replied: true,
  assured: true,
  offloaded: false,
  mark: 0x4000,
  zone: 0,
  sentRate: 1_810,
  receivedRate: 1_210_000,
  sentBytes: 50_000,
  receivedBytes: 2_000_000_000,
  sentPackets: 500,
  receivedPackets: 90_000,
  firstSeenAt: NOW - 12_000,
  startedAt: NOW - 12_000,
  expiresAt: NOW / 1000 + 300,
  hops: ['node2.example.com', 'node1'].map((node, i) => ({
    agent: node,
    node,
    flow: i,
    original: { source: { address: '10.244.2.3', port: 33522 }, destination: { address: '10.96.222.143', port: 80 } },
    reply: { source: { address: '10.244.1.3', port: 8080 }, destination: { address: '10.89.0.12', port: 33522 } },
    state: 4,
  })),
  stale: false,
};

/** An unanswered DNS query to a service without endpoints, over IPv6, with accounting off. */
export const DNS_UNANSWERED: Connection = {
  id: 2,
  family: 6,
  protocol: 17,
  source: { address: 'fd00:1::3', kind: 'external', name: 'host.example.net' },
  sourcePort: 5353,
  destination: { address: 'fd00:96::a', kind: 'service', namespace: 'kube-system', name: 'dns' },
  destinationPort: 53,
  state: 0,
  replied: false,
  offloaded: false,
  mark: 0,
  zone: 7,
  firstSeenAt: NOW - 100_000,
  hops: [],
  stale: true,
};
