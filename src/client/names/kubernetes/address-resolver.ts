import type { CleanText } from '../../format/sanitize.ts';
import type { Endpoint } from '../../model/connection.ts';
import type { AddressOwners, ServiceRef } from '../name-resolver.ts';
import { IpOwnership } from './ip-ownership.ts';
import type { NodeInfo, PodInfo, ServiceInfo } from './objects.ts';
import { PodCidrs } from './pod-cidrs.ts';
import { ServicePorts } from './services.ts';

/** How many external addresses are remembered; a new connection to a forgotten one creates a new Endpoint. */
const MAX_OUTSIDE = 50_000;

/** Resolves addresses from facts about pods, nodes and services. No I/O. */
export class AddressResolver {
  /** All pods and services are known: any other address is outside the cluster. */
  complete = false;
  readonly #owners = new IpOwnership();
  readonly #serviceAddresses = new IpOwnership();
  readonly #services = new ServicePorts();
  readonly #ranges = new PodCidrs();
  readonly #pods = new Map<string, PodInfo>();
  readonly #nodes = new Map<string, NodeInfo>();
  /** Address of a node → pods that use it. */
  readonly #hosts = new Map<string, { readonly node: CleanText; pods: number }>();
  /** "node address" */
  readonly #nodeEndpoints = new Map<string, Endpoint>();
  readonly #outside = new Map<string, Endpoint>();
  /** Addresses that are in none of this version's ranges: with many nodes the search takes a while. */
  readonly #inNoRange = new Set<string>();
  #rangesVersion = 0;
  readonly #now: () => number;

  constructor(now: () => number = Date.now) {
    this.#now = now;
  }

  endpoint(address: string, at: number, since: number = at): Endpoint | undefined {
    const known = this.#owners.ownerAt(address, at, since) ?? this.#serviceAddresses.ownerAt(address, at, since);
    if (known !== undefined) return known;
    if (this.#rangesVersion !== this.#ranges.version || this.#inNoRange.size > MAX_OUTSIDE) {
      this.#inNoRange.clear();
      this.#rangesVersion = this.#ranges.version;
    }
    if (this.complete && this.#inNoRange.has(address)) return this.#externalEndpoint(address);
    if (hasLocalMeaning(address)) return undefined;
    const range = this.#ranges.find(address);
    if (range === undefined) this.#inNoRange.add(address);
    if (range?.node !== undefined) return this.#nodeEndpoint(range.node, address);
    return this.complete && range === undefined ? this.#externalEndpoint(address) : undefined;
  }

  owners(address: string): AddressOwners | undefined {
    const holders = this.#owners.holders(address);
    const [only, another] = holders;
    if (only !== undefined && another === undefined) return ownersOf(only);
    const nodes = [...new Set(holders.flatMap((endpoint) => ownersOf(endpoint)?.nodes ?? []))];
    return nodes.length === 0 ? undefined : { nodes, isPod: holders.some(({ kind }) => kind === 'pod') };
  }

  service(
    address: string,
    port: number,
    protocol: number,
    at: number = this.#now(),
    since: number = at,
  ): ServiceRef | undefined {
    const direct = this.#services.find(address, port, protocol, since, at);
    if (direct !== undefined) return direct;
    const onNode = this.#services.findOnNode(port, protocol, since, at);
    if (onNode === undefined) return undefined;
    return this.#owners.ownerAt(address, at, since)?.kind === 'node' ? onNode : undefined;
  }

  /** Returns whether answers may have changed, like all following methods. */
  putPod(pod: PodInfo): boolean {
    const old = this.#pods.get(pod.uid);
    if (old !== undefined && same(old, pod)) return false;
    this.#pods.set(pod.uid, pod);
    let changed = false;
    for (const address of old?.addresses ?? []) {
      if (!pod.addresses.includes(address)) changed = this.#owners.release(pod.uid, address, this.#now()) || changed;
    }
    for (const address of pod.addresses) {
      // The API keeps the address of an ended pod, but another pod may have it by now.
      changed =
        this.#owners.assign(pod.uid, pod.from, podEndpoint(pod, address, pod.to !== undefined), pod.to) || changed;
    }
    this.#placePod(old, -1);
    this.#placePod(pod, 1);
    return changed;
  }

  removePod({ uid }: PodInfo): boolean {
    const pod = this.#pods.get(uid);
    if (pod === undefined) return false;
    this.#pods.delete(uid);
    this.#placePod(pod, -1);
    // Earlier answers stay valid for the time in which it had the address.
    const to = pod.to ?? this.#now();
    for (const address of pod.addresses) this.#owners.assign(uid, pod.from, podEndpoint(pod, address, true), to);
    return pod.addresses.length > 0;
  }

  putNode(node: NodeInfo): boolean {
    const old = this.#nodes.get(node.name);
    if (old !== undefined && same(old, node)) return false;
    this.#nodes.set(node.name, node);
    for (const address of old?.addresses ?? []) {
      if (!node.addresses.includes(address)) this.#owners.release(`node:${node.name}`, address, this.#now());
    }
    for (const address of node.addresses) this.#holdNode(node.name, address);
    this.#ranges.setNode(node.name, node.podCidrs, node.ownAddressing !== true);
    return true;
  }

  removeNode({ name }: NodeInfo): boolean {
    const node = this.#nodes.get(name);
    this.#nodes.delete(name);
    this.#ranges.removeNode(name);
    for (const address of node?.addresses ?? []) this.#owners.release(`node:${name}`, address, this.#now());
    for (const key of this.#nodeEndpoints.keys()) if (key.startsWith(`${name} `)) this.#nodeEndpoints.delete(key);
    return node !== undefined;
  }

  putService(service: ServiceInfo): boolean {
    const { uid, namespace, name } = service;
    const old = this.#services.put(service, this.#now());
    for (const address of old?.addresses ?? []) {
      if (!service.addresses.includes(address)) this.#serviceAddresses.release(uid, address, this.#now());
    }
    for (const address of service.addresses) {
      const from = old === undefined || old.addresses.includes(address) ? service.from : this.#now();
      this.#serviceAddresses.assign(uid, from, { address, kind: 'service', namespace, name });
    }
    return true;
  }

  removeService(service: ServiceInfo): boolean {
    this.#services.remove(service.uid, this.#now());
    for (const address of service.addresses) this.#serviceAddresses.release(service.uid, address, this.#now());
    return true;
  }

  /** Adds (1) or removes (-1) what the pod shows about its node: the range of its address, and the node's own addresses. */
  #placePod(pod: PodInfo | undefined, by: 1 | -1): void {
    if (pod?.node === undefined || pod.to !== undefined) return;
    for (const address of pod.addresses) {
      if (by > 0) this.#ranges.addPod(address, pod.node);
      else this.#ranges.removePod(address, pod.node);
    }
    for (const address of pod.hostAddresses) {
      const host = this.#hosts.get(address) ?? { node: pod.node, pods: 0 };
      host.pods += by;
      this.#hosts.set(address, host);
      if (host.pods > 0) this.#holdNode(host.node, address);
      else {
        this.#hosts.delete(address);
        if (!this.#nodes.get(host.node)?.addresses.includes(address)) {
          this.#owners.release(`node:${host.node}`, address, this.#now());
        }
      }
    }
  }

  #holdNode(node: CleanText, address: string): void {
    this.#owners.assign(`node:${node}`, 0, this.#nodeEndpoint(node, address));
  }

  #nodeEndpoint(node: CleanText, address: string): Endpoint {
    const key = `${node} ${address}`;
    const endpoint = this.#nodeEndpoints.get(key) ?? { address, kind: 'node', name: node };
    this.#nodeEndpoints.set(key, endpoint);
    return endpoint;
  }

  #externalEndpoint(address: string): Endpoint {
    const known = this.#outside.get(address);
    if (known !== undefined) return known;
    const endpoint: Endpoint = { address, kind: 'external' };
    if (this.#outside.size >= MAX_OUTSIDE) this.#outside.delete(this.#outside.keys().next().value ?? '');
    this.#outside.set(address, endpoint);
    return endpoint;
  }
}

function podEndpoint({ namespace, name, node, workload }: PodInfo, address: string, ended: boolean): Endpoint {
  return {
    address,
    kind: 'pod',
    namespace,
    name,
    ...(node === undefined ? {} : { node }),
    ...(workload === undefined ? {} : { workload }),
    ...(ended ? { ended: true } : {}),
  };
}

/** Of an endpoint, which stays the same object. */
const OWNERS = new WeakMap<Endpoint, AddressOwners>();

function ownersOf(endpoint: Endpoint): AddressOwners | undefined {
  const node = endpoint.kind === 'node' ? endpoint.name : endpoint.node;
  if (node === undefined) return undefined;
  const known = OWNERS.get(endpoint) ?? { nodes: [node], isPod: endpoint.kind === 'pod' };
  OWNERS.set(endpoint, known);
  return known;
}

/** Addresses with only a local meaning: loopback, link-local, multicast, broadcast, unspecified. */
function hasLocalMeaning(address: string): boolean {
  return /^(127\.|169\.254\.|0\.|22[4-9]\.|23\d\.|255\.|::1?$|fe[89ab][0-9a-f]:|ff[0-9a-f]{2}:)/.test(address);
}

function same(a: object, b: object): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
