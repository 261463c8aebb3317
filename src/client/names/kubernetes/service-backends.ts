import { type CleanText, sentence } from '../../format/sanitize.ts';
import type { LocalGap } from '../../model/snapshot.ts';
import type { EndpointSliceInfo, PodInfo, ServiceInfo } from './objects.ts';

type Slice = Pick<EndpointSliceInfo, 'ready' | 'nodes'>;

/**
 * Which services nothing stands behind: no endpoint of theirs is ready, or none where they are asked. Connections to them are
 * refused by the node that they leave, and so leave no trace in any table. Services of which nobody is to say where they lead
 * are not judged.
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

  /** Pods of a DaemonSet are on all nodes, and clients of each other: they do not make a node one that has clients. */
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

  /** "namespace/name", in order. Found again when something has changed. */
  get withoutEndpoints(): readonly CleanText[] {
    this.#idle ??= this.#judged()
      .map(({ key }) => key)
      .filter((key) => this.#slicesOf(key).every(({ ready }) => ready === 0))
      .sort();
    return this.#idle;
  }

  /** Where they have an endpoint: where they have none, though connections stay on their node. In order. */
  get localGaps(): readonly LocalGap[] {
    this.#localGaps ??= this.#judged()
      .filter(({ local }) => local)
      .flatMap(({ key }): LocalGap[] => {
        const served = new Set(this.#slicesOf(key).flatMap(({ nodes }) => nodes));
        const nodes = [...this.#clients.keys()].filter((node) => !served.has(node)).sort();
        return served.size === 0 || nodes.length === 0 ? [] : [{ service: key, nodes }];
      })
      .sort((a, b) => (a.service < b.service ? -1 : 1));
    return this.#localGaps;
  }

  #judged(): { readonly key: CleanText; readonly local: boolean }[] {
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
