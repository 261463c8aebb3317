import { type Tuple, writeFlow } from '../../flow/flow.ts';
import { FlowTable } from '../../flow/flow-table.ts';
import { isIcmp } from '../../flow/protocol.ts';
import { type CleanText, sentence } from '../format/sanitize.ts';
import type { AddressPort } from '../model/connection.ts';
import { type EntryGraph, PAST } from './entry-graph.ts';
import type { TupleInterner } from './tuple-interner.ts';

/**
 * A hop of a node that no longer has the entry, while another node still has one: it shows where the connection came from, and
 * where it was sent. It is kept as long as any entry of the connection exists.
 */
export interface PastHop {
  readonly node: CleanText;
  readonly zone: number;
  readonly protocol: number;
  readonly original: Tuple;
  readonly reply: Tuple;
  /** Unix time in milliseconds. */
  readonly firstSeenAt: number;
  /** The connection began at that time. */
  readonly startKnown: boolean;
}

type Facts = Pick<PastHop, 'node' | 'firstSeenAt' | 'startKnown'>;

/** Past hops as entries without an agent: they only connect pairs. */
export class PastHops {
  readonly #entries: EntryGraph;
  readonly #pairs: TupleInterner;
  readonly #facts = new Map<number, Facts>();
  /** How many were ever added. */
  added = 0;
  /** Pairs to release at the end of the round, like those of the agents' entries. */
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

  /** All its fields as text, for a stable order. */
  text(entry: number): string {
    return JSON.stringify(this.#origin(entry));
  }

  /** Makes a past hop of an entry that is about to be removed. */
  keep(entry: number, facts: Facts): void {
    const { zone, enter, leave, connection } = this.#entries;
    const [from = 0, to = 0] = [enter[entry], leave[entry]];
    this.added++;
    this.#pairs.retain(from);
    if (from !== to) this.#pairs.retain(to);
    const hop = this.#entries.add(PAST, 0, 0, zone[entry] as number, from, to);
    // `add` may have replaced the columns.
    this.#entries.connection[hop] = connection[entry] as number;
    this.#facts.set(hop, facts);
  }

  drop(hop: number): void {
    if (!this.#facts.delete(hop)) return;
    const { enter, leave } = this.#entries;
    const [from = 0, to = 0] = [enter[hop], leave[hop]];
    this.#entries.remove(hop);
    this.#released.push(from);
    if (from !== to) this.#released.push(to);
  }

  finish(): void {
    for (const pair of this.#released) this.#pairs.release(pair);
    this.#released = [];
  }

  list(): PastHop[] {
    return Array.from(this.#facts.keys(), (entry) => this.#origin(entry));
  }

  #origin(entry: number): PastHop {
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

  /** Adds the past hops of another correlator. Returns the pairs to resolve. */
  restore(origins: readonly PastHop[]): number[] {
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
      // An untranslated entry references its pair once.
      if (enter === leave) this.#released.push(leave);
      const hop = this.#entries.add(PAST, 0, 0, zone, enter, leave);
      this.#facts.set(hop, { node, firstSeenAt, startKnown });
      touched.push(enter, leave);
    }
    return touched;
  }
}
