import type { Endpoint } from '../../model/connection.ts';
import { MAX_ENDPOINT_CANDIDATES } from '../../model/limits.ts';
import { Intervals, SEVERAL } from './intervals.ts';

/** What is left of a connection is seen for so long after its owner has gone: TIME_WAIT. */
const AFTER_MS = 120_000;
/** The clocks of nodes and API server may differ by so much. */
const BEFORE_MS = 60_000;
/** Answers of one address, and addresses, that are remembered where several may have had it. */
const MAX_UNCERTAIN = 8;
const MAX_UNCERTAIN_ADDRESSES = 20_000;

/** Who had which address when. */
export class IpOwnership {
  readonly #spans: Intervals<Endpoint>;
  /** By address: what was answered where several may have had it, so that the same answer stays the same object. */
  readonly #uncertain = new Map<string, Endpoint[]>();

  constructor(maxEnded?: number) {
    const options = { isSame: isSameEndpoint, afterMs: AFTER_MS, beforeMs: BEFORE_MS };
    this.#spans = new Intervals(maxEnded === undefined ? options : { ...options, maxEnded });
  }

  /**
   * `owner` has the address since `from`; 0: since whenever nobody else had it. Called again, it only replaces the endpoint.
   * `to`: it has it no longer. Returns whether an answer may now be another.
   */
  assign(owner: string, from: number, endpoint: Endpoint, to?: number): boolean {
    return this.#spans.hold(owner, endpoint.address, from, endpoint, to);
  }

  /** The owner has the address no longer. */
  release(owner: string, address: string, at: number): boolean {
    return this.#spans.release(owner, address, at);
  }

  /**
   * Who had the address at that time; with `since`, at some time from then on. Where several may have had it, it is an endpoint
   * without a kind and a name, with all of them.
   */
  ownerAt(address: string, at: number, since: number = at): Endpoint | undefined {
    const found = this.#spans.find(address, since, at);
    return found === SEVERAL ? this.#several(address, since, at) : found;
  }

  /** Who has the address now; where nobody has, who had it. */
  holders(address: string): readonly Endpoint[] {
    return this.#spans.holders(address);
  }

  get size(): number {
    return this.#spans.size;
  }

  #several(address: string, from: number, to: number): Endpoint {
    const candidates = this.#spans
      .all(address, from, to)
      .slice(-MAX_ENDPOINT_CANDIDATES)
      .map(({ value }) => value);
    const known = this.#uncertain.get(address) ?? [];
    const same = known.find((one) => isSameList(one.candidates ?? [], candidates));
    if (same !== undefined) return same;
    const endpoint: Endpoint = { address, candidates };
    this.#uncertain.set(address, [endpoint, ...known].slice(0, MAX_UNCERTAIN));
    if (this.#uncertain.size > MAX_UNCERTAIN_ADDRESSES) {
      const [oldest] = this.#uncertain.keys();
      if (oldest !== undefined) this.#uncertain.delete(oldest);
    }
    return endpoint;
  }
}

function isSameList(a: readonly Endpoint[], b: readonly Endpoint[]): boolean {
  return a.length === b.length && a.every((endpoint, i) => endpoint === b[i]);
}

function isSameEndpoint(a: Endpoint, b: Endpoint): boolean {
  return (
    a === b ||
    (a.kind === b.kind &&
      a.namespace === b.namespace &&
      a.name === b.name &&
      a.node === b.node &&
      a.ended === b.ended &&
      a.workload?.kind === b.workload?.kind &&
      a.workload?.name === b.workload?.name)
  );
}
