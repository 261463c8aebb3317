import type { ServiceFacts, SliceFacts } from './objects.ts';

/**
 * Which services nothing stands behind: no endpoint of theirs is ready. Connections to them are refused by the node that
 * they leave, and so leave no trace in any table. Services of which nobody is to say where they lead are not judged.
 */
export class ServiceBackends {
  readonly #services = new Map<string, ServiceFacts>();
  /** By "namespace/service", then uid: ready endpoints. */
  readonly #slices = new Map<string, Map<string, number>>();
  #idle: readonly string[] | undefined;

  putService(service: ServiceFacts): void {
    this.#services.set(service.uid, service);
    this.#idle = undefined;
  }

  removeService({ uid }: ServiceFacts): void {
    this.#services.delete(uid);
    this.#idle = undefined;
  }

  putSlice({ uid, namespace, service, ready }: SliceFacts): void {
    const key = `${namespace}/${service}`;
    const slices = this.#slices.get(key) ?? new Map<string, number>();
    this.#slices.set(key, slices);
    slices.set(uid, ready);
    this.#idle = undefined;
  }

  removeSlice({ uid, namespace, service }: SliceFacts): void {
    const key = `${namespace}/${service}`;
    const slices = this.#slices.get(key);
    slices?.delete(uid);
    if (slices?.size === 0) this.#slices.delete(key);
    this.#idle = undefined;
  }

  /** "namespace/name", in order. Found anew when something has changed. */
  get idle(): readonly string[] {
    this.#idle ??= [...this.#services.values()]
      .filter(({ addresses, selects }) => addresses.length > 0 && selects === true)
      .map(({ namespace, name }) => `${namespace}/${name}`)
      .filter((key) => [...(this.#slices.get(key)?.values() ?? [])].every((ready) => ready === 0))
      .sort();
    return this.#idle;
  }
}
