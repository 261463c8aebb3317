import type { Connection, Endpoint } from '../../../../../src/client/model/connection.ts';
import type { Snapshot } from '../../../../../src/client/model/snapshot.ts';
import { agent, connection, hop, pod, snapshot, unanswered } from '../fixtures.ts';

/** Numbers that look like chance and are the same in each run. */
function dice(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

const OUTSIDE: Endpoint = { address: '203.0.113.5', kind: 'external' };

const NAMESPACES: Readonly<Record<string, string>> = {
  web: 'front',
  api: 'shop',
  cart: 'shop',
  orders: 'shop',
  payments: 'billing',
  ledger: 'billing',
  postgres: 'data',
  redis: 'data',
  kafka: 'data',
  prometheus: 'monitoring',
  loki: 'monitoring',
  coredns: 'kube-system',
};

const CALLS = [
  ['web', 'api', 4e6],
  ['api', 'cart', 2e6],
  ['api', 'orders', 1.2e6],
  ['cart', 'redis', 8e5],
  ['orders', 'postgres', 3e6],
  ['orders', 'kafka', 6e5],
  ['payments', 'ledger', 2e5],
  ['orders', 'payments', 1e5],
  ['ledger', 'postgres', 4e5],
  ['prometheus', 'api', 5e4],
  ['prometheus', 'orders', 3e4],
  ['prometheus', 'postgres', 1e4],
  ['web', 'loki', 9e4],
  ['api', 'coredns', 2e3],
  ['kafka', 'loki', 5e3],
] as const;

/** A shop's twelve workloads on so many nodes, a few calls of which go unanswered. */
export function shop(nodes: number): Snapshot {
  const node = (i: number) => `node${(i % nodes) + 1}`;
  const end = (name: string, on: string) => pod(name, on, NAMESPACES[name] ?? 'default');
  const between = (a: string, b: string, from: string, to: string) => ({
    source: end(a, from),
    destination: end(b, to),
    hops: from === to ? [hop(from)] : [hop(from), hop(to)],
  });
  const connections: Connection[] = CALLS.flatMap(([a, b, rate], i) =>
    [0, 1, 2].map((copy) =>
      connection({
        ...between(a, b, node(i + copy * 2), node(i * 3 + copy)),
        sentRate: rate * 0.1 * (copy + 1),
        receivedRate: (rate / 2) * (copy + 1),
      }),
    ),
  );
  connections.push(
    connection({
      source: OUTSIDE,
      destination: end('web', node(0)),
      sentRate: 2e5,
      receivedRate: 5e6,
      hops: [hop(node(0))],
    }),
    connection({
      source: end('payments', node(1)),
      destination: OUTSIDE,
      sentRate: 2e4,
      receivedRate: 3e4,
      hops: [hop(node(1))],
    }),
    ...[1, 2, 3, 4].map(() => unanswered(between('cart', 'ledger', node(1), node(0)))),
    unanswered(between('kafka', 'prometheus', node(2), node(0))),
  );
  return snapshot(connections, { agents: Array.from({ length: nodes }, (_, i) => agent(node(i))) });
}

/** A cluster whose nodes talk to some others each, one of them lost. */
export function cluster(nodes: number): Snapshot {
  const chance = dice(7);
  const rate = () => 10 ** (2 + chance() ** 2 * 5);
  const node = (i: number) => `node-${i + 1}`;
  const connections: Connection[] = [];
  for (let i = 0; i < nodes; i++) {
    for (let j = 0; j < nodes; j++) {
      if (i === j || chance() > Math.min(0.6, 4 / nodes)) continue;
      connections.push(
        connection({
          source: pod(`client${i}`, node(i)),
          destination: pod(`server${j}`, node(j)),
          sentRate: rate(),
          receivedRate: rate(),
          hops: [hop(node(i)), hop(node(j))],
        }),
      );
    }
    if (i % 3 === 0)
      connections.push(
        connection({
          source: pod(`client${i}`, node(i)),
          destination: OUTSIDE,
          sentRate: 2e3,
          receivedRate: 5e4,
          hops: [hop(node(i))],
        }),
      );
  }
  connections.push(
    unanswered({ source: pod('client0', node(0)), destination: pod('server1', node(1)), hops: [hop(node(0))] }),
  );
  const lost = { status: { kind: 'lost', reason: 'gone', retryAt: 0 } } as const;
  return snapshot(connections, {
    agents: Array.from({ length: nodes }, (_, i) => agent(node(i), i === 3 ? lost : {})),
  });
}
