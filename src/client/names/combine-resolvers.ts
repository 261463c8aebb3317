import { merge } from 'rxjs';
import type { Endpoint } from '../model/connection.ts';
import type { NameResolver } from './name-resolver.ts';

/** A provider of names. */
export interface NameProvider extends NameResolver {
  /** Addresses that it does not know are external. Absent: it cannot decide that. */
  readonly unknownIsExternal?: boolean;
}

/** How many addresses without a name are remembered, so that each stays one Endpoint object: at most twice this number. */
const MAX_UNNAMED = 1 << 16;

/**
 * Combines several providers: the first one with an answer wins. An address that none knows is still an
 * endpoint, external if a provider has `unknownIsExternal`.
 */
export function combineResolvers(sources: readonly NameProvider[]): Required<NameProvider> {
  const nameless = new UnnamedCache();
  return {
    endpoint(address, at, since) {
      for (const source of sources) {
        const endpoint = source.endpoint(address, at, since);
        if (endpoint !== undefined) return endpoint;
      }
      return nameless.endpoint(
        address,
        sources.some((source) => source.unknownIsExternal === true),
      );
    },
    service(address, port, protocol, at, since) {
      for (const source of sources) {
        const ref = source.service(address, port, protocol, at, since);
        if (ref !== undefined) return ref;
      }
      return undefined;
    },
    owners(address) {
      for (const source of sources) {
        const owners = source.owners?.(address);
        if (owners !== undefined) return owners;
      }
      return undefined;
    },
    changed$: merge(...sources.map((source) => source.changed$)),
    get pending() {
      return sources.some((source) => source.pending === true);
    },
    get servicesWithoutEndpoints() {
      return sources.flatMap((source) => source.servicesWithoutEndpoints ?? []);
    },
    get localGaps() {
      return sources.flatMap((source) => source.localGaps ?? []);
    },
    get unknownIsExternal() {
      return sources.some((source) => source.unknownIsExternal === true);
    },
    get notices() {
      return sources.flatMap((source) => source.notices);
    },
  };
}

/** Endpoints that have only an address. Two generations: those that are not used for a long time are forgotten. */
class UnnamedCache {
  #young = new Map<string, Endpoint>();
  #old = new Map<string, Endpoint>();
  #external = false;

  endpoint(address: string, external: boolean): Endpoint {
    if (external !== this.#external) {
      this.#external = external;
      this.#young.clear();
      this.#old.clear();
    }
    const young = this.#young.get(address);
    if (young !== undefined) return young;
    const endpoint: Endpoint = this.#old.get(address) ?? (external ? { address, kind: 'external' } : { address });
    if (this.#young.size >= MAX_UNNAMED) {
      this.#old = this.#young;
      this.#young = new Map();
    }
    this.#young.set(address, endpoint);
    return endpoint;
  }
}
