import { type CleanText, joined } from '../format/sanitize.ts';
import type { Connection } from '../model/connection.ts';
import type { TableCursor } from './agent-input.ts';
import type { ConnectionStore } from './connection-store.ts';
import type { ConnectionEndpoints } from './endpoints.ts';
import { type EntryGraph, NONE } from './entry-graph.ts';
import { missingNodes, type WatchedAgent, WatchedNodes } from './expected-observers.ts';
import { HeldConnections } from './held-connections.ts';
import type { KeptOrigins } from './kept-origins.ts';
import type { TupleInterner } from './tuple-interner.ts';

/** Connections of which a node must have seen more than is known: which, why, and whether to wait for it. Connections are rows. */
export class IncompleteConnections {
  readonly #entries: EntryGraph;
  readonly #pairs: TupleInterner;
  readonly #connections: ConnectionStore;
  readonly #kept: KeptOrigins;
  readonly #agents: readonly (TableCursor | undefined)[];
  readonly #watched = new WatchedNodes();
  readonly #holds = new HeldConnections();
  readonly #lacking = new Set<number>();

  constructor(
    entries: EntryGraph,
    pairs: TupleInterner,
    connections: ConnectionStore,
    kept: KeptOrigins,
    agents: readonly (TableCursor | undefined)[],
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
      return (
        known !== undefined && this.#reasons(this.#missing(row, known as ConnectionEndpoints)) !== known.incomplete
      );
    });
  }

  #reasons(missing: readonly CleanText[]): CleanText {
    return joined(
      missing.map((node) => this.#watched.reason(node)),
      ', ',
    );
  }

  /** Says what is missing, and does not name a node as the client that may have asked for another. */
  complete(row: number, endpoints: ConnectionEndpoints): ConnectionEndpoints {
    const missing = this.#missing(row, endpoints);
    if (missing.length === 0) return endpoints;
    const incomplete = this.#reasons(missing);
    const { kind, name } = endpoints.source;
    if (kind !== 'node' || name === undefined || !missing.includes(name)) return { ...endpoints, incomplete };
    const address = this.#pairs.source(this.#connections.first[row] as number);
    return { ...endpoints, source: this.#pairs.addresses.clientBehind(address, name), incomplete };
  }

  #missing(row: number, endpoints: ConnectionEndpoints): readonly CleanText[] {
    const { head, kept } = this.#connections;
    const { agent, next } = this.#entries;
    const isSeenOn = (node: string) => {
      for (let entry = head[row] as number; entry !== NONE; entry = next[entry] as number)
        if (this.#agents[agent[entry] as number]?.node === node) return true;
      return kept.get(row)?.some((entry) => this.#kept.node(entry) === node) === true;
    };
    return missingNodes(endpoints, isSeenOn);
  }

  /** Whether to hold it back: what has been shown stays. `now` is absent: nothing is waited for. */
  hold(row: number, endpoints: ConnectionEndpoints, now: number | undefined): boolean {
    if (endpoints.incomplete !== undefined) this.#lacking.add(row);
    else if (this.#lacking.delete(row)) this.#holds.forget(row);
    if (endpoints.incomplete === undefined || now === undefined || this.#connections.visible[row] === 1) return false;
    return this.#holds.wait(row, this.#missing(row, endpoints), this.#watched, now);
  }

  /** Those that need not wait any more. */
  release(now: number | undefined): readonly number[] {
    return now === undefined ? [] : this.#holds.release(this.#watched, now);
  }

  forget(row: number): void {
    if (this.#lacking.delete(row)) this.#holds.forget(row);
  }
}
