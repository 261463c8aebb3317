import { merge } from 'rxjs';
import { cleanText } from '../escape.ts';
import type { LocalGap, Party } from '../model.ts';
import type { Names, ServiceRef } from './names.ts';

/** A source of names that may know all the addresses around it. */
export interface NamesSource extends Names {
  /** An address that it has no answer for is outside. Absent: it cannot tell. */
  readonly knowsSurroundings?: boolean;
}

/** Addresses that nobody names and that are remembered, so that each stays one Party: twice this many at most. */
const MOST_NAMELESS = 1 << 16;

/**
 * One source of names out of several: the first that has an answer gives it. An address that none knows is still a
 * party, external where some source knows its surroundings. All text is made fit to print here, whoever it comes from.
 */
export function composeNames(sources: readonly NamesSource[]): Required<NamesSource> {
  const parties = new WeakMap<Party, Party>();
  const services = new WeakMap<ServiceRef, ServiceRef>();
  const gaps = new WeakMap<LocalGap, LocalGap>();
  const nameless = new Nameless();
  return {
    party(address, at, since) {
      for (const source of sources) {
        const party = source.party(address, at, since);
        if (party !== undefined) return once(parties, party, cleanParty);
      }
      return nameless.party(
        address,
        sources.some((source) => source.knowsSurroundings === true),
      );
    },
    service(address, port, protocol, at, since) {
      for (const source of sources) {
        const ref = source.service(address, port, protocol, at, since);
        if (ref !== undefined) return once(services, ref, cleanService);
      }
      return undefined;
    },
    changed$: merge(...sources.map((source) => source.changed$)),
    get pending() {
      return sources.some((source) => source.pending === true);
    },
    get idleServices() {
      return sources.flatMap((source) => source.idleServices ?? []).map(cleanText);
    },
    get localGaps() {
      return sources.flatMap((source) => source.localGaps ?? []).map((gap) => once(gaps, gap, cleanGap));
    },
    get knowsSurroundings() {
      return sources.some((source) => source.knowsSurroundings === true);
    },
    get notices() {
      return sources.flatMap((source) => source.notices).map(cleanNotice);
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

function once<T extends object>(known: WeakMap<T, T>, value: T, clean: (value: T) => T): T {
  const before = known.get(value);
  if (before !== undefined) return before;
  const cleaned = clean(value);
  known.set(value, cleaned);
  return cleaned;
}

/** The same object where there is nothing to clean. */
function cleanParty(party: Party): Party {
  const { workload, candidates } = party;
  const cleanedCandidates = candidates?.map(cleanParty);
  const cleaned: Party = {
    ...party,
    ...(party.namespace === undefined ? {} : { namespace: cleanText(party.namespace) }),
    ...(party.name === undefined ? {} : { name: cleanText(party.name) }),
    ...(party.node === undefined ? {} : { node: cleanText(party.node) }),
    ...(workload === undefined ? {} : { workload: { kind: cleanText(workload.kind), name: cleanText(workload.name) } }),
    ...(cleanedCandidates === undefined ? {} : { candidates: cleanedCandidates }),
  };
  const same =
    cleaned.namespace === party.namespace &&
    cleaned.name === party.name &&
    cleaned.node === party.node &&
    cleaned.workload?.kind === workload?.kind &&
    cleaned.workload?.name === workload?.name &&
    (candidates?.every((candidate, i) => candidate === cleanedCandidates?.[i]) ?? true);
  return same ? party : cleaned;
}

function cleanService(ref: ServiceRef): ServiceRef {
  const namespace = cleanText(ref.namespace);
  const name = cleanText(ref.name);
  return namespace === ref.namespace && name === ref.name ? ref : { namespace, name };
}

function cleanGap({ service, nodes }: LocalGap): LocalGap {
  return { service: cleanText(service), nodes: nodes.map(cleanText) };
}

/** A notice is a sentence, and may be long. */
function cleanNotice(notice: string): string {
  return notice.replace(/[\p{Cc}\p{Cf}]+/gu, ' ');
}
