import type { ServiceRef } from '../names.ts';
import type { ServiceFacts } from './objects.ts';

/** Services that are gone, kept because their connections may outlive them. */
const MOST_GONE = 2_000;

/** Which service listens where. */
export class ServicePorts {
  /** "address port protocol" → the service. */
  readonly #ports = new Map<string, { readonly uid: string; readonly ref: ServiceRef }>();
  /** "nodePort protocol": on every node. */
  readonly #nodePorts = new Map<string, { readonly uid: string; readonly ref: ServiceRef }>();
  readonly #services = new Map<string, ServiceFacts>();
  readonly #gone = new Set<string>();

  /** Returns what was there before. */
  put(service: ServiceFacts): ServiceFacts | undefined {
    const old = this.#services.get(service.uid);
    if (old !== undefined) this.#forget(old);
    this.#services.set(service.uid, service);
    this.#gone.delete(service.uid);
    const entry = { uid: service.uid, ref: { namespace: service.namespace, name: service.name } };
    for (const { port, protocol, nodePort } of service.ports) {
      for (const address of service.addresses) this.#ports.set(`${address} ${port} ${protocol}`, entry);
      if (nodePort !== undefined) this.#nodePorts.set(`${nodePort} ${protocol}`, entry);
    }
    return old;
  }

  /** It still answers, until another takes its place. */
  remove(uid: string): void {
    if (!this.#services.has(uid)) return;
    this.#gone.add(uid);
    if (this.#gone.size <= MOST_GONE) return;
    const [oldest] = this.#gone;
    const service = this.#services.get(oldest ?? '');
    if (service !== undefined) this.#forget(service);
  }

  find(address: string, port: number, protocol: number): ServiceRef | undefined {
    return this.#ports.get(`${address} ${port} ${protocol}`)?.ref;
  }

  /** The address is a node's. */
  findOnNode(nodePort: number, protocol: number): ServiceRef | undefined {
    return this.#nodePorts.get(`${nodePort} ${protocol}`)?.ref;
  }

  #forget(service: ServiceFacts): void {
    this.#services.delete(service.uid);
    this.#gone.delete(service.uid);
    const drop = (map: Map<string, { readonly uid: string }>, key: string) => {
      if (map.get(key)?.uid === service.uid) map.delete(key);
    };
    for (const { port, protocol, nodePort } of service.ports) {
      for (const address of service.addresses) drop(this.#ports, `${address} ${port} ${protocol}`);
      if (nodePort !== undefined) drop(this.#nodePorts, `${nodePort} ${protocol}`);
    }
  }
}
