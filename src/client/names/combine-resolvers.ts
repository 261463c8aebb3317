import { merge } from 'rxjs';
import type { Party } from '../model/connection.ts';
import type { Names } from './name-resolver.ts';

/** A source of names that may know all the addresses around it. */
export interface NamesSource extends Names {
  /** An address that it has no answer for is outside. Absent: it cannot tell. */
  readonly knowsSurroundings?: boolean;
}

/** Addresses that nobody names and that are remembered, so that each stays one Party: twice this many at most. */
const MOST_NAMELESS = 1 << 16;

/**
 * One source of names out of several: the first that has an answer gives it. An address that none knows is still a
 * party, external where some source knows its surroundings.
 */
export function composeNames(sources: readonly NamesSource[]): Required<NamesSource> {
  const nameless = new Nameless();
  return {
    party(address, at, since) {
      for (const source of sources) {
        const party = source.party(address, at, since);
        if (party !== undefined) return party;
      }
      return nameless.party(
        address,
        sources.some((source) => source.knowsSurroundings === true),
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
    get idleServices() {
      return sources.flatMap((source) => source.idleServices ?? []);
    },
    get localGaps() {
      return sources.flatMap((source) => source.localGaps ?? []);
    },
    get knowsSurroundings() {
      return sources.some((source) => source.knowsSurroundings === true);
    },
    get notices() {
      return sources.flatMap((source) => source.notices);
    },
  };
}

/** Parties that are an address and no more. Two generations: those not asked for in a long time are forgotten. */
class Nameless {
  #young = new Map<string, Party>();
  #old = new Map<string, Party>();
  #external = false;

  party(address: string, external: boolean): Party {
    if (external !== this.#external) {
      this.#external = external;
      this.#young.clear();
      this.#old.clear();
    }
    const young = this.#young.get(address);
    if (young !== undefined) return young;
    const party: Party = this.#old.get(address) ?? (external ? { address, kind: 'external' } : { address });
    if (this.#young.size >= MOST_NAMELESS) {
      this.#old = this.#young;
      this.#young = new Map();
    }
    this.#young.set(address, party);
    return party;
  }
}
