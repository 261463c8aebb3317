import { type CleanText, sentence } from '../../format/sanitize.ts';
import type { LocalGap } from '../../model/snapshot.ts';
import type { EndpointSliceInfo, PodInfo, ServiceInfo } from './objects.ts';

type Slice = Pick<EndpointSliceInfo, 'ready' | 'nodes'>;

/**
 * Finds Services without ready endpoints, or without one on the client's node. Connections to them are
 * refused by the client's node, and so leave no entry in any table. Services without a selector
 * are ignored.
 */
export class ServiceBackends {
  readonly #services = new Map<string, ServiceInfo>();
  /** By "namespace/service", then uid. */
  readonly #slices = new Map<string, Map<string, Slice>>();
  /** Node → pods that may be clients, by uid. */
  readonly #clients = new Map<CleanText, Set<string>>();
  #idle: readonly CleanText[] | undefined;
  #localGaps: readonly LocalGap[] | undefined;

  putService(service: ServiceInfo): void {
    this.#services.set(service.uid, service);
    this.#changed();
  }

  removeService({ uid }: ServiceInfo): void {
    this.#services.delete(uid);
    this.#changed();
  }

  putSlice({ uid, namespace, service, ready, nodes }: EndpointSliceInfo): void {
    const key = `${namespace}/${service}`;
    const slices = this.#slices.get(key) ?? new Map<string, Slice>();
    this.#slices.set(key, slices);
    slices.set(uid, { ready, nodes });
    this.#changed();
  }

  removeSlice({ uid, namespace, service }: EndpointSliceInfo): void {
    const key = `${namespace}/${service}`;
    const slices = this.#slices.get(key);
    slices?.delete(uid);
    if (slices?.size === 0) this.#slices.delete(key);
    this.#changed();
  }

  /** Pods of a DaemonSet are on all nodes, and clients of each other: they do not count as clients. */
  putPod(pod: PodInfo): void {
    const { uid, node, to, workload, addresses } = pod;
    if (node === undefined || to !== undefined || addresses.length === 0 || workload?.kind === 'DaemonSet') {
      this.removePod(pod);
      return;
    }
    const pods = this.#clients.get(node) ?? new Set<string>();
    if (pods.size === 0) this.#changed();
    this.#clients.set(node, pods.add(uid));
  }

  removePod({ uid, node }: PodInfo): void {
    if (node === undefined) return;
    const pods = this.#clients.get(node);
    if (!pods?.delete(uid) || pods.size > 0) return;
    this.#clients.delete(node);
    this.#changed();
  }

  /** "namespace/name", sorted. Cached until something changes. */
  get withoutEndpoints(): readonly CleanText[] {
    this.#idle ??= this.#servicesWithSelector()
      .map(({ key }) => key)
      .filter((key) => this.#slicesOf(key).every(({ ready }) => ready === 0))
      .sort();
    return this.#idle;
  }

  /** Services with internalTrafficPolicy Local, and nodes with clients but without an endpoint. Sorted. */
  get localGaps(): readonly LocalGap[] {
    this.#localGaps ??= this.#servicesWithSelector()
      .filter(({ local }) => local)
      .flatMap(({ key }): LocalGap[] => {
        const served = new Set(this.#slicesOf(key).flatMap(({ nodes }) => nodes));
        const nodes = [...this.#clients.keys()].filter((node) => !served.has(node)).sort();
        return served.size === 0 || nodes.length === 0 ? [] : [{ service: key, nodes }];
      })
      .sort((a, b) => (a.service < b.service ? -1 : 1));
    return this.#localGaps;
  }

  #servicesWithSelector(): { readonly key: CleanText; readonly local: boolean }[] {
    return [...this.#services.values()]
      .filter(({ addresses, selects }) => addresses.length > 0 && selects === true)
      .map(({ namespace, name, local }) => ({ key: sentence`${namespace}/${name}`, local: local === true }));
  }

  #slicesOf(key: string): readonly Slice[] {
    return [...(this.#slices.get(key)?.values() ?? [])];
  }

  #changed(): void {
    this.#idle = undefined;
    this.#localGaps = undefined;
  }
}
