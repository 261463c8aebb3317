import { type CleanText, joined } from '../format/sanitize.ts';
import type { Connection } from '../model/connection.ts';
import type { ConnectionStore } from './connection-store.ts';
import type { ConnectionEndpoints } from './endpoints.ts';
import { type EntryGraph, NONE } from './entry-graph.ts';
import { missingNodes, type WatchedAgent, WatchedNodes } from './expected-observers.ts';
import { HeldConnections } from './held-connections.ts';
import type { PastHops } from './past-hops.ts';
import type { TableCursor } from './table-cursor.ts';
import type { TupleInterner } from './tuple-interner.ts';

/** Connections with a missing hop: which, why, and whether to hold them. Connections are rows. */
export class IncompleteConnections {
  readonly #entries: EntryGraph;
  readonly #pairs: TupleInterner;
  readonly #connections: ConnectionStore;
  readonly #pastHops: PastHops;
  readonly #agents: readonly (TableCursor | undefined)[];
  readonly #watched = new WatchedNodes();
  readonly #held = new HeldConnections();
  readonly #incompleteRows = new Set<number>();

  constructor(
    entries: EntryGraph,
    pairs: TupleInterner,
    connections: ConnectionStore,
    pastHops: PastHops,
    agents: readonly (TableCursor | undefined)[],
  ) {
    this.#entries = entries;
    this.#pairs = pairs;
    this.#connections = connections;
    this.#pastHops = pastHops;
    this.#agents = agents;
  }

  /** Those that are not shown yet. */
  get held(): readonly Connection[] {
    return Array.from(this.#held.rows, (row) => this.#connections.shown[row]).filter((one) => one !== undefined);
  }

  /** When the first of them must be shown. */
  get dueAt(): number | undefined {
    return this.#held.dueAt;
  }

  /** Returns the connections whose reason has changed. */
  watch(agents: readonly WatchedAgent[]): readonly number[] {
    if (!this.#watched.set(agents)) return [];
    return [...this.#incompleteRows].filter((row) => {
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

  /** Adds the reason, and replaces a node as the client if the real client may be behind it. */
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
    const { head, pastHops } = this.#connections;
    const { agent, next } = this.#entries;
    const isSeenOn = (node: string) => {
      for (let entry = head[row] as number; entry !== NONE; entry = next[entry] as number)
        if (this.#agents[agent[entry] as number]?.node === node) return true;
      return pastHops.get(row)?.some((entry) => this.#pastHops.node(entry) === node) === true;
    };
    return missingNodes(endpoints, isSeenOn);
  }

  /** Whether to hold it; a connection that has been shown stays visible. `now` is absent: hold nothing. */
  hold(row: number, endpoints: ConnectionEndpoints, now: number | undefined): boolean {
    if (endpoints.incomplete !== undefined) this.#incompleteRows.add(row);
    else if (this.#incompleteRows.delete(row)) this.#held.forget(row);
    if (endpoints.incomplete === undefined || now === undefined || this.#connections.visible[row] === 1) return false;
    return this.#held.wait(row, this.#missing(row, endpoints), this.#watched, now);
  }

  /** The rows that no longer have to wait. */
  release(now: number | undefined): readonly number[] {
    return now === undefined ? [] : this.#held.release(this.#watched, now);
  }

  forget(row: number): void {
    if (this.#incompleteRows.delete(row)) this.#held.forget(row);
  }
}
