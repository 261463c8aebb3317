import type { ServiceRef } from '../name-resolver.ts';
import { Intervals, SEVERAL } from './intervals.ts';
import type { ServiceInfo } from './objects.ts';

/** Nodes forward to a service for a moment after it was deleted; its address is nobody else's then. */
const AFTER_MS = 10_000;
const BEFORE_MS = 60_000;
/** A program of the node may have the port before the service and after it. */
const NODE_PORT_BEFORE_MS = 2_000;

/** Which service listened where, and when. */
export class ServicePorts {
  /** "address port protocol" → the service. */
  readonly #ports = new Intervals<ServiceRef>({ isSame, afterMs: AFTER_MS, beforeMs: BEFORE_MS });
  /** "nodePort protocol": on every node. */
  readonly #nodePorts = new Intervals<ServiceRef>({ isSame, afterMs: 0, beforeMs: NODE_PORT_BEFORE_MS });
  readonly #services = new Map<string, ServiceInfo>();

  /** Returns what was there before. What it got since then it has since `now`. */
  put(service: ServiceInfo, now: number): ServiceInfo | undefined {
    const old = this.#services.get(service.uid);
    this.#services.set(service.uid, service);
    const ref = { namespace: service.namespace, name: service.name };
    for (const [spans, keysOf] of this.#kinds) {
      const before = new Set(old === undefined ? [] : keysOf(old));
      const keys = new Set(keysOf(service));
      for (const key of before) if (!keys.has(key)) spans.release(service.uid, key, now);
      for (const key of keys)
        spans.hold(service.uid, key, old === undefined || before.has(key) ? service.from : now, ref);
    }
    return old;
  }

  /** It still answers for the time in which it was there. */
  remove(uid: string, now: number): void {
    const service = this.#services.get(uid);
    if (service === undefined) return;
    this.#services.delete(uid);
    for (const [spans, keysOf] of this.#kinds) for (const key of keysOf(service)) spans.release(uid, key, now);
  }

  /** For a connection that began at some time between these two. Undefined also where several may be meant. */
  find(address: string, port: number, protocol: number, from: number, to: number): ServiceRef | undefined {
    const found = this.#ports.find(`${address} ${port} ${protocol}`, from, to);
    return found === SEVERAL ? undefined : found;
  }

  /** The address is a node's. */
  findOnNode(nodePort: number, protocol: number, from: number, to: number): ServiceRef | undefined {
    const key = `${nodePort} ${protocol}`;
    const found = this.#nodePorts.find(key, from, to);
    if (found === undefined || found === SEVERAL) return undefined;
    // Without a service at that time, it may be one with a program of the node.
    return this.#nodePorts.find(key, to, to) === found ? found : undefined;
  }

  get #kinds(): readonly (readonly [Intervals<ServiceRef>, (service: ServiceInfo) => string[]])[] {
    return [
      [this.#ports, portKeys],
      [this.#nodePorts, nodePortKeys],
    ];
  }
}

function portKeys({ addresses, ports }: ServiceInfo): string[] {
  return ports.flatMap(({ port, protocol }) => addresses.map((address) => `${address} ${port} ${protocol}`));
}

function nodePortKeys({ ports }: ServiceInfo): string[] {
  return ports.flatMap(({ nodePort, protocol }) => (nodePort === undefined ? [] : `${nodePort} ${protocol}`));
}

function isSame(a: ServiceRef, b: ServiceRef): boolean {
  return a.namespace === b.namespace && a.name === b.name;
}
