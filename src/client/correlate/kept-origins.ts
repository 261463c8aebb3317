import { type Tuple, writeFlow } from '../../flow/flow.ts';
import { FlowTable } from '../../flow/flow-table.ts';
import { isIcmp } from '../../flow/protocol.ts';
import { type CleanText, sentence } from '../format/sanitize.ts';
import type { AddressPort } from '../model/connection.ts';
import { type EntryGraph, KEPT } from './entry-graph.ts';
import type { TupleInterner } from './tuple-interner.ts';

/**
 * What a node saw of a connection and sees no more, while another node still sees it: where the connection came from, and
 * where it was sent. Kept as long as any entry of the connection lives.
 */
export interface KeptOrigin {
  readonly node: CleanText;
  readonly zone: number;
  readonly protocol: number;
  readonly original: Tuple;
  readonly reply: Tuple;
  /** Unix time in milliseconds. */
  readonly firstSeenAt: number;
  /** That is when it began. */
  readonly startKnown: boolean;
}

type Facts = Pick<KeptOrigin, 'node' | 'firstSeenAt' | 'startKnown'>;

/** Kept origins, as entries that no agent has: they lead from pair to pair, and tell nothing else. */
export class KeptOrigins {
  readonly #entries: EntryGraph;
  readonly #pairs: TupleInterner;
  readonly #facts = new Map<number, Facts>();
  /** How many were ever kept. */
  added = 0;
  /** Held until the end of the round, as those of the agents' entries are. */
  #released: number[] = [];

  constructor(entries: EntryGraph, pairs: TupleInterner) {
    this.#entries = entries;
    this.#pairs = pairs;
  }

  get size(): number {
    return this.#facts.size;
  }

  node(entry: number): CleanText | undefined {
    return this.#facts.get(entry)?.node;
  }

  firstSeenAt(entry: number): number {
    return this.#facts.get(entry)?.firstSeenAt ?? Number.POSITIVE_INFINITY;
  }

  startKnown(entry: number): boolean {
    return this.#facts.get(entry)?.startKnown ?? false;
  }

  /** All that is known of it: different texts sort the same way each time. */
  text(entry: number): string {
    return JSON.stringify(this.#origin(entry));
  }

  /** Keeps what an entry tells that is about to go. */
  keep(entry: number, facts: Facts): void {
    const { zone, enter, leave, connection } = this.#entries;
    const [from = 0, to = 0] = [enter[entry], leave[entry]];
    this.added++;
    this.#pairs.retain(from);
    if (from !== to) this.#pairs.retain(to);
    const kept = this.#entries.add(KEPT, 0, 0, zone[entry] as number, from, to);
    // The columns may be others by now.
    this.#entries.connection[kept] = connection[entry] as number;
    this.#facts.set(kept, facts);
  }

  drop(kept: number): void {
    if (!this.#facts.delete(kept)) return;
    const { enter, leave } = this.#entries;
    const [from = 0, to = 0] = [enter[kept], leave[kept]];
    this.#entries.remove(kept);
    this.#released.push(from);
    if (from !== to) this.#released.push(to);
  }

  finish(): void {
    for (const pair of this.#released) this.#pairs.release(pair);
    this.#released = [];
  }

  list(): KeptOrigin[] {
    return Array.from(this.#facts.keys(), (entry) => this.#origin(entry));
  }

  #origin(entry: number): KeptOrigin {
    const enter = this.#entries.enter[entry] as number;
    const leave = this.#entries.leave[entry] as number;
    return {
      node: this.node(entry) ?? sentence``,
      firstSeenAt: this.firstSeenAt(entry),
      startKnown: this.startKnown(entry),
      zone: this.#entries.zone[entry] as number,
      protocol: this.#pairs.protocol(enter),
      original: this.#tuple(enter, this.#pairs.forward(enter)),
      reply: this.#tuple(leave, this.#pairs.backward(leave)),
    };
  }

  #tuple(pair: number, { source, destination }: { source: AddressPort; destination: AddressPort }): Tuple {
    const hosts = { source: source.address, destination: destination.address };
    if (source.port !== undefined && destination.port !== undefined)
      return { ...hosts, sourcePort: source.port, destinationPort: destination.port };
    if (!isIcmp(this.#pairs.protocol(pair))) return hosts;
    const cell = this.#pairs.firstPort(pair);
    return { ...hosts, icmpType: cell >> 8, icmpCode: cell & 0xff, icmpId: this.#pairs.secondPort(pair) };
  }

  /** Takes over what another join kept. Returns the pairs to be looked at. */
  restore(origins: readonly KeptOrigin[]): number[] {
    const table = new FlowTable();
    const touched: number[] = [];
    for (const [index, { node, zone, protocol, original, reply, firstSeenAt, startKnown }] of origins.entries()) {
      const family = original.source.includes(':') ? 6 : 4;
      const status = { state: 0, replied: false, assured: false, offloaded: false, hardwareOffloaded: false, mark: 0 };
      const stats = { original: {}, reply: {} };
      const tuples = {
        id: index + 1,
        family,
        protocol,
        original,
        reply,
        zone,
        firstSeenAt,
        startKnown,
      } as const;
      const slot = writeFlow(table, { ...tuples, status, stats });
      if (slot === undefined) continue;
      const enter = this.#pairs.acquireEntering(table.columns, slot, node);
      const leave = this.#pairs.acquireLeaving(table.columns, slot, node);
      // An entry that is not translated holds its one pair once.
      if (enter === leave) this.#released.push(leave);
      const kept = this.#entries.add(KEPT, 0, 0, zone, enter, leave);
      this.#facts.set(kept, { node, firstSeenAt, startKnown });
      touched.push(enter, leave);
    }
    return touched;
  }
}
