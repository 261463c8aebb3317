import type { Endpoint } from '../../model/connection.ts';
import { MAX_ENDPOINT_CANDIDATES } from '../../model/limits.ts';
import { Intervals, SEVERAL } from './intervals.ts';

/** How long a connection is seen after its owner has gone: TIME_WAIT. */
const AFTER_MS = 120_000;
/** How much the clocks of nodes and API server may differ. */
const BEFORE_MS = 60_000;
/** How many answers per address, and how many addresses, are remembered if several owners are possible. */
const MAX_UNCERTAIN = 8;
const MAX_UNCERTAIN_ADDRESSES = 20_000;

/** The owners of addresses over time. */
export class IpOwnership {
  readonly #spans: Intervals<Endpoint>;
  /** Answers with several possible owners, by address, so that an equal answer stays the same object. */
  readonly #uncertain = new Map<string, Endpoint[]>();

  constructor(maxEnded?: number) {
    const options = { isSame: isSameEndpoint, afterMs: AFTER_MS, beforeMs: BEFORE_MS };
    this.#spans = new Intervals(maxEnded === undefined ? options : { ...options, maxEnded });
  }

  /**
   * `owner` has the address since `from`; 0: since its previous owner lost it. A repeated call only replaces the endpoint.
   * `to`: it no longer has it. Returns whether answers may have changed.
   */
  assign(owner: string, from: number, endpoint: Endpoint, to?: number): boolean {
    return this.#spans.hold(owner, endpoint.address, from, endpoint, to);
  }

  /** The owner no longer has the address. */
  release(owner: string, address: string, at: number): boolean {
    return this.#spans.release(owner, address, at);
  }

  /**
   * The owner of the address at that time; with `since`, at some time from then on. If several are possible, it is an endpoint
   * without a kind and a name, with all of them as candidates.
   */
  ownerAt(address: string, at: number, since: number = at): Endpoint | undefined {
    const found = this.#spans.find(address, since, at);
    return found === SEVERAL ? this.#several(address, since, at) : found;
  }

  /** The current owner of the address; if there is none, the former owners. */
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
