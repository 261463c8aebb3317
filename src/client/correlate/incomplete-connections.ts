import { type CleanText, joined } from '../format/sanitize.ts';
import type { Connection } from '../model/connection.ts';
import type { JoinedAgent } from './agent-input.ts';
import type { Connections } from './connection-store.ts';
import type { Parties } from './endpoints.ts';
import { type Entries, NONE } from './entry-graph.ts';
import { missingNodes, Watched, type WatchedAgent } from './expected-observers.ts';
import { Holds } from './held-connections.ts';
import type { KeptEntries } from './kept-origins.ts';
import type { PairBook } from './tuple-interner.ts';

/** Connections of which a node must have seen more than is known: which, why, and whether to wait for it. Connections are rows. */
export class Halves {
  readonly #entries: Entries;
  readonly #pairs: PairBook;
  readonly #connections: Connections;
  readonly #kept: KeptEntries;
  readonly #agents: readonly (JoinedAgent | undefined)[];
  readonly #watched = new Watched();
  readonly #holds = new Holds();
  readonly #lacking = new Set<number>();

  constructor(
    entries: Entries,
    pairs: PairBook,
    connections: Connections,
    kept: KeptEntries,
    agents: readonly (JoinedAgent | undefined)[],
  ) {
    this.#entries = entries;
    this.#pairs = pairs;
    this.#connections = connections;
    this.#kept = kept;
    this.#agents = agents;
  }

  /** Those that are held back. */
  get held(): readonly Connection[] {
    return Array.from(this.#holds.rows, (row) => this.#connections.shown[row]).filter((one) => one !== undefined);
  }

  /** When the first of them is to be shown at the latest. */
  get dueAt(): number | undefined {
    return this.#holds.dueAt;
  }

  /** Returns the connections of which something else is to be said now. */
  watch(agents: readonly WatchedAgent[]): readonly number[] {
    if (!this.#watched.set(agents)) return [];
    return [...this.#lacking].filter((row) => {
      const known = this.#connections.shown[row];
      return known !== undefined && this.#reasons(this.#missing(row, known as Parties)) !== known.incomplete;
    });
  }

  #reasons(missing: readonly CleanText[]): CleanText {
    return joined(
      missing.map((node) => this.#watched.reason(node)),
      ', ',
    );
  }

  /** Says what is missing, and does not name a node as the client that may have asked for another. */
  complete(row: number, parties: Parties): Parties {
    const missing = this.#missing(row, parties);
    if (missing.length === 0) return parties;
    const incomplete = this.#reasons(missing);
    const { kind, name } = parties.source;
    if (kind !== 'node' || name === undefined || !missing.includes(name)) return { ...parties, incomplete };
    const address = this.#pairs.source(this.#connections.first[row] as number);
    return { ...parties, source: this.#pairs.addresses.clientBehind(address, name), incomplete };
  }

  #missing(row: number, parties: Parties): readonly CleanText[] {
    const { head, kept } = this.#connections;
    const { agent, next } = this.#entries;
    const isSeenOn = (node: string) => {
      for (let entry = head[row] as number; entry !== NONE; entry = next[entry] as number)
        if (this.#agents[agent[entry] as number]?.node === node) return true;
      return kept.get(row)?.some((entry) => this.#kept.node(entry) === node) === true;
    };
    return missingNodes(parties, isSeenOn);
  }

  /** Whether to hold it back: what has been shown stays. `now` is absent: nothing is waited for. */
  hold(row: number, parties: Parties, now: number | undefined): boolean {
    if (parties.incomplete !== undefined) this.#lacking.add(row);
    else if (this.#lacking.delete(row)) this.#holds.forget(row);
    if (parties.incomplete === undefined || now === undefined || this.#connections.visible[row] === 1) return false;
    return this.#holds.wait(row, this.#missing(row, parties), this.#watched, now);
  }

  /** Those that need not wait any more. */
  release(now: number | undefined): readonly number[] {
    return now === undefined ? [] : this.#holds.release(this.#watched, now);
  }

  forget(row: number): void {
    if (this.#lacking.delete(row)) this.#holds.forget(row);
  }
}
