import type { PodFacts, ServiceFacts } from './objects.ts';

type Labels = Readonly<Record<string, string>>;

/**
 * Which services nothing stands behind: no pod that they select is ready. Connections to them are refused by the node that
 * they leave, and so leave no trace in any table. Services that select no pods by themselves are not judged.
 */
export class ServiceBackends {
  /** By namespace, then uid. */
  readonly #pods = new Map<string, Map<string, PodFacts>>();
  readonly #services = new Map<string, ServiceFacts>();
  #idle: readonly string[] | undefined;

  putPod(pod: PodFacts): void {
    const pods = this.#pods.get(pod.namespace) ?? new Map<string, PodFacts>();
    this.#pods.set(pod.namespace, pods);
    pods.set(pod.uid, pod);
    this.#idle = undefined;
  }

  removePod({ uid, namespace }: PodFacts): void {
    const pods = this.#pods.get(namespace);
    pods?.delete(uid);
    if (pods?.size === 0) this.#pods.delete(namespace);
    this.#idle = undefined;
  }

  putService(service: ServiceFacts): void {
    this.#services.set(service.uid, service);
    this.#idle = undefined;
  }

  removeService({ uid }: ServiceFacts): void {
    this.#services.delete(uid);
    this.#idle = undefined;
  }

  /** "namespace/name", in order. Found anew when something has changed. */
  get idle(): readonly string[] {
    this.#idle ??= [...this.#services.values()]
      .filter((service) => service.selector !== undefined && service.addresses.length > 0 && !this.#isServed(service))
      .map(({ namespace, name }) => `${namespace}/${name}`)
      .sort();
    return this.#idle;
  }

  #isServed({ namespace, selector = {} }: ServiceFacts): boolean {
    const wanted = Object.entries(selector);
    const isSelected = (labels: Labels = {}) => wanted.every(([key, value]) => labels[key] === value);
    for (const { ready, labels } of this.#pods.get(namespace)?.values() ?? [])
      if (ready && isSelected(labels)) return true;
    return false;
  }
}
