import { NetworkNamespace } from './namespace.ts';
import { nodeRules, type Service } from './nat.ts';
import { Peer } from './peer.ts';

export interface LabOptions {
  /** Default 1. */
  readonly nodes?: number;
  /** net.netfilter.nf_conntrack_acct of the nodes. Default true. */
  readonly accounting?: boolean;
  /** net.netfilter.nf_conntrack_timestamp of the nodes. Default false. */
  readonly timestamping?: boolean;
}

/** An end of connections: a namespace with an address of each family. */
export interface Host {
  readonly name: string;
  readonly namespace: NetworkNamespace;
  readonly address: string;
  readonly address6: string;
  readonly peer: Peer;
}

/** A router with pods behind it, and NAT: what a node of a cluster is. Its table is the one to look at. */
export interface LabNode {
  readonly name: string;
  readonly namespace: NetworkNamespace;
  readonly address: string;
  readonly address6: string;
  readonly pods: readonly Host[];
  addPod(name: string): Promise<Host>;
}

const UPLINK = 'uplink';
const OUTSIDE = { address: '203.0.113.10', address6: '2001:db8:113::10' };

/**
 * A small cluster's network, made of namespaces:
 *
 *     pod 10.244.N.x ─ node N 10.89.0.(10+N) ─ wire (a bridge) ─ outside 203.0.113.10
 *
 * and the same in IPv6: fd00:10:244:N::x, fd00:10:89::(10+N), 2001:db8:113::10. Traffic touches nothing else.
 */
export class Lab {
  readonly nodes: readonly LabNode[];
  readonly outside: Host;
  readonly #namespaces: NetworkNamespace[];

  private constructor(nodes: readonly LabNode[], outside: Host, namespaces: NetworkNamespace[]) {
    this.nodes = nodes;
    this.outside = outside;
    this.#namespaces = namespaces;
  }

  static async create(options: LabOptions = {}): Promise<Lab> {
    const namespaces: NetworkNamespace[] = [];
    try {
      return await build(options, namespaces);
    } catch (error) {
      await closeAll(namespaces);
      throw error;
    }
    async function build({ nodes = 1, accounting = true, timestamping = false }: LabOptions, made: NetworkNamespace[]) {
      const add = async (name: string) => {
        const namespace = await NetworkNamespace.create(name);
        made.push(namespace);
        return namespace;
      };
      const wire = await add('wire');
      await wire.ip('link add br0 type bridge', 'link set br0 up');
      const outside = await makeOutside(await add('outside'), wire, nodes);
      const list: LabNode[] = [];
      for (let number = 1; number <= nodes; number++) {
        const node = await makeNode(await add(`node${number}`), wire, number, nodes, add);
        await node.namespace.sysctl({
          'netfilter.nf_conntrack_acct': accounting ? 1 : 0,
          'netfilter.nf_conntrack_timestamp': timestamping ? 1 : 0,
        });
        list.push(node);
      }
      const lab = new Lab(list, outside, made);
      await lab.serve([]);
      return lab;
    }
  }

  /** The node, counted from 1. */
  node(number: number): LabNode {
    const node = this.nodes[number - 1];
    if (node === undefined) throw new Error(`the lab has no node ${number}`);
    return node;
  }

  /** Makes these the services of all nodes, in the place of those before. */
  async serve(services: readonly Service[]): Promise<void> {
    for (const [i, node] of this.nodes.entries())
      await node.namespace.nft(nodeRules(services, [`10.244.${i + 1}.0/24`, `fd00:10:244:${i + 1}::/64`], UPLINK));
  }

  async close(): Promise<void> {
    await closeAll(this.#namespaces);
  }
}

async function closeAll(namespaces: readonly NetworkNamespace[]): Promise<void> {
  await Promise.all(namespaces.map((namespace) => namespace.close()));
}

/** Joins a namespace to the bridge; its end is called uplink. */
async function plug(namespace: NetworkNamespace, wire: NetworkNamespace, addresses: readonly string[]): Promise<void> {
  const port = `to-${namespace.name}`;
  await wire.ip(
    `link add ${port} type veth peer name ${UPLINK} netns ${namespace.pid}`,
    `link set ${port} master br0 up`,
  );
  await namespace.ip(
    ...addresses.map((address) => `addr add ${address} dev ${UPLINK}${address.includes(':') ? ' nodad' : ''}`),
    `link set ${UPLINK} up`,
  );
}

async function makeOutside(namespace: NetworkNamespace, wire: NetworkNamespace, nodes: number): Promise<Host> {
  await plug(namespace, wire, ['10.89.0.1/24', 'fd00:10:89::1/64']);
  await namespace.ip(`addr add ${OUTSIDE.address}/32 dev lo`, `addr add ${OUTSIDE.address6}/128 dev lo nodad`);
  for (let number = 1; number <= nodes; number++) await namespace.ip(...routesTo(number));
  return makeHost(namespace, OUTSIDE.address, OUTSIDE.address6);
}

function routesTo(number: number): string[] {
  return [
    `route add 10.244.${number}.0/24 via 10.89.0.${10 + number}`,
    `route add fd00:10:244:${number}::/64 via fd00:10:89::${10 + number}`,
  ];
}

async function makeNode(
  namespace: NetworkNamespace,
  wire: NetworkNamespace,
  number: number,
  nodes: number,
  add: (name: string) => Promise<NetworkNamespace>,
): Promise<LabNode> {
  const address = `10.89.0.${10 + number}`;
  const address6 = `fd00:10:89::${10 + number}`;
  await namespace.sysctl({ 'ipv4.ip_forward': 1, 'ipv6.conf.all.forwarding': 1 });
  await plug(namespace, wire, [`${address}/24`, `${address6}/64`]);
  await namespace.ip('route add default via 10.89.0.1', 'route add default via fd00:10:89::1');
  for (let other = 1; other <= nodes; other++) if (other !== number) await namespace.ip(...routesTo(other));
  const pods: Host[] = [];
  const addPod = async (name: string): Promise<Host> => {
    const pod = await makePod(await add(name), namespace, number, pods.length);
    pods.push(pod);
    return pod;
  };
  return { name: namespace.name, namespace, address, address6, pods, addPod };
}

/** A pod has a link of its own to its node, and a route to it alone: all that it sends is routed, and so tracked. */
async function makePod(namespace: NetworkNamespace, node: NetworkNamespace, number: number, index: number) {
  const address = `10.244.${number}.${index + 2}`;
  const address6 = `fd00:10:244:${number}::${index + 2}`;
  const gateway = `10.244.${number}.1`;
  const gateway6 = `fd00:10:244:${number}::1`;
  const link = `pod${index}`;
  await node.ip(
    `link add ${link} type veth peer name eth0 netns ${namespace.pid}`,
    `addr add ${gateway}/32 dev ${link}`,
    `addr add ${gateway6}/128 dev ${link} nodad`,
    `link set ${link} up`,
    `route add ${address}/32 dev ${link}`,
    `route add ${address6}/128 dev ${link}`,
  );
  await namespace.ip(
    `addr add ${address}/32 dev eth0`,
    `addr add ${address6}/128 dev eth0 nodad`,
    'link set eth0 up',
    `route add ${gateway}/32 dev eth0`,
    `route add ${gateway6}/128 dev eth0`,
    `route add default via ${gateway}`,
    `route add default via ${gateway6}`,
  );
  return makeHost(namespace, address, address6);
}

async function makeHost(namespace: NetworkNamespace, address: string, address6: string): Promise<Host> {
  // What is dropped here, and not on a node, leaves its entry in the node's table: one that waits for an answer.
  await namespace.nft('table inet lab { chain input { type filter hook input priority 0; th dport 9 drop; }; }');
  return { name: namespace.name, namespace, address, address6, peer: new Peer(namespace) };
}
