import type { Party } from '../../model.ts';

/** A time in which somebody had an address. */
interface Tenure {
  readonly address: string;
  readonly owner: string;
  readonly from: number;
  /** Infinity: still. */
  to: number;
  party: Party;
}

/** What is left of a connection is seen for so long after its owner has gone: TIME_WAIT. */
const AFTER_MS = 120_000;
/** The clocks of nodes and API server may differ by so much; it matters only where nobody else had the address before. */
const BEFORE_MS = 60_000;
/** Of one address. */
const MOST_TENURES = 8;
/** Of those that are over, all addresses together. */
const MOST_ENDED = 20_000;

/** Who had which address when. What is over is kept until there is too much of it: the oldest goes first. */
export class Tenures {
  /** By address, in the order of `from`. */
  readonly #tenures = new Map<string, Tenure[]>();
  /** In the order in which they ended. */
  readonly #ended = new Set<Tenure>();
  readonly #mostEnded: number;

  constructor(mostEnded: number = MOST_ENDED) {
    this.#mostEnded = mostEnded;
  }

  /**
   * `owner` has the address since `from`; 0: since whenever nobody else had it. Called again, it only replaces the party.
   * Returns whether an answer may now be another.
   */
  hold(owner: string, from: number, party: Party): boolean {
    const { address } = party;
    const list = this.#tenures.get(address) ?? [];
    const known = list.find((tenure) => tenure.owner === owner);
    if (known !== undefined) {
      const renamed = !isSameParty(known.party, party);
      if (!renamed && known.to === Number.POSITIVE_INFINITY) return false;
      if (renamed) known.party = party;
      known.to = Number.POSITIVE_INFINITY;
      this.#ended.delete(known);
      return true;
    }
    const since = from > 0 ? from : Math.max(0, ...list.map(({ to }) => to).filter(Number.isFinite));
    const after = list.findIndex((tenure) => tenure.from > since);
    const tenure = { address, owner, from: since, to: Number.POSITIVE_INFINITY, party };
    list.splice(after < 0 ? list.length : after, 0, tenure);
    this.#tenures.set(address, list);
    if (list.length > MOST_TENURES) this.#forget(list.find(({ to }) => to !== Number.POSITIVE_INFINITY) ?? list[0]);
    return true;
  }

  /** The owner has the address no longer. */
  release(owner: string, address: string, at: number): boolean {
    const tenure = this.#tenures.get(address)?.find((one) => one.owner === owner);
    if (tenure === undefined || tenure.to !== Number.POSITIVE_INFINITY) return false;
    tenure.to = Math.max(at, tenure.from);
    this.#ended.add(tenure);
    if (this.#ended.size > this.#mostEnded) this.#forget(this.#ended.values().next().value);
    return true;
  }

  party(address: string, at: number): Party | undefined {
    const list = this.#tenures.get(address);
    const first = list?.[0];
    if (list === undefined || first === undefined) return undefined;
    for (let i = list.length - 1; i >= 0; i--) {
      const tenure = list[i];
      if (tenure === undefined || tenure.from > at) continue;
      return at <= tenure.to + AFTER_MS ? tenure.party : undefined;
    }
    return first.from - at <= BEFORE_MS ? first.party : undefined;
  }

  get size(): number {
    let size = 0;
    for (const list of this.#tenures.values()) size += list.length;
    return size;
  }

  #forget(tenure: Tenure | undefined): void {
    if (tenure === undefined) return;
    this.#ended.delete(tenure);
    const list = this.#tenures.get(tenure.address)?.filter((one) => one !== tenure) ?? [];
    if (list.length > 0) this.#tenures.set(tenure.address, list);
    else this.#tenures.delete(tenure.address);
  }
}

function isSameParty(a: Party, b: Party): boolean {
  return (
    a === b ||
    (a.kind === b.kind &&
      a.namespace === b.namespace &&
      a.name === b.name &&
      a.node === b.node &&
      a.workload?.kind === b.workload?.kind &&
      a.workload?.name === b.workload?.name)
  );
}
