import type { ServiceRef } from '../name-resolver.ts';
import { Intervals, SEVERAL } from './intervals.ts';
import type { ServiceInfo } from './objects.ts';

/** Nodes still forward to a Service for a moment after it was deleted; its address has no new owner then. */
const AFTER_MS = 10_000;
const BEFORE_MS = 60_000;
/** A program on the node may use the port before and after the Service. */
const NODE_PORT_BEFORE_MS = 2_000;

/** The Services of addresses and ports over time. */
export class ServicePorts {
  /** "address port protocol" → the service. */
  readonly #ports = new Intervals<ServiceRef>({ isSame, afterMs: AFTER_MS, beforeMs: BEFORE_MS });
  /** "nodePort protocol": on every node. */
  readonly #nodePorts = new Intervals<ServiceRef>({ isSame, afterMs: 0, beforeMs: NODE_PORT_BEFORE_MS });
  readonly #services = new Map<string, ServiceInfo>();

  /** Returns the previous version. New addresses and ports are valid since `now`. */
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

  /** Look-ups for the time before its end still find it. */
  remove(uid: string, now: number): void {
    const service = this.#services.get(uid);
    if (service === undefined) return;
    this.#services.delete(uid);
    for (const [spans, keysOf] of this.#kinds) for (const key of keysOf(service)) spans.release(uid, key, now);
  }

  /** For a connection that began between these two times. Also undefined if several Services are possible. */
  find(address: string, port: number, protocol: number, from: number, to: number): ServiceRef | undefined {
    const found = this.#ports.find(`${address} ${port} ${protocol}`, from, to);
    return found === SEVERAL ? undefined : found;
  }

  /** The address is a node's. */
  findOnNode(nodePort: number, protocol: number, from: number, to: number): ServiceRef | undefined {
    const key = `${nodePort} ${protocol}`;
    const found = this.#nodePorts.find(key, from, to);
    if (found === undefined || found === SEVERAL) return undefined;
    // Without a Service at that time, it may be a connection to a program on the node.
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
