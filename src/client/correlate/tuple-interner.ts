import {
  ORIGINAL_DESTINATION,
  ORIGINAL_SOURCE,
  REPLY_DESTINATION,
  REPLY_SOURCE,
  ROW_ADDRESSES,
} from '../../flow/address-column.ts';
import { type FlowColumns, HAS_PORTS, ROW_PORTS } from '../../flow/columns.ts';
import { isIcmp } from '../../flow/protocol.ts';
import type { CleanText } from '../format/sanitize.ts';
import type { AddressPort } from '../model/connection.ts';
import { AddressInterner } from './address-interner.ts';
import { Interner } from './interner.ts';

/** The second half of a pair of hosts' key: the protocol, whether there are ports, the destination's number. */
const PROTOCOL_SHIFT = 24;
const PORTS_BIT = 1 << 23;
const DESTINATION_MASK = PORTS_BIT - 1;

export interface HopTuple {
  readonly source: AddressPort;
  readonly destination: AddressPort;
}

/**
 * The distinct pairs on the paths of connections: protocol, source and destination with their ports, or with
 * ICMP's type, code and id. Each has a small number as long as an entry enters or leaves a node by it.
 */
export class TupleInterner {
  readonly addresses = new AddressInterner();
  /** (source, protocol and destination) → a pair of hosts; (ports, pair of hosts) → a pair. */
  #hosts = new Interner();
  #pairs = new Interner();
  #forward: (HopTuple | undefined)[] = [];
  #backward: (HopTuple | undefined)[] = [];

  /** Pairs at or above this number have never existed. */
  get end(): number {
    return this.#pairs.end;
  }

  get size(): number {
    return this.#pairs.size;
  }

  /** Reserves memory for this many more. */
  reserve(more: number): void {
    this.#pairs.reserve(this.#pairs.end + more);
  }

  /** The pair by which a row's packets enter the node; increments its reference count. */
  acquireEntering(columns: FlowColumns, slot: number, node: CleanText): number {
    const cell = slot * ROW_PORTS;
    return this.#acquire(
      columns,
      slot,
      node,
      ORIGINAL_SOURCE,
      ORIGINAL_DESTINATION,
      columns.ports[cell] as number,
      columns.ports[cell + 1] as number,
    );
  }

  /** The pair by which they leave it, from the reply tuple. */
  acquireLeaving(columns: FlowColumns, slot: number, node: CleanText): number {
    const cell = slot * ROW_PORTS;
    // An ICMP reply has its own type: the leaving pair keeps the request's type. NAT may change the id.
    const icmp = isIcmp(columns.protocol[slot] as number);
    return this.#acquire(
      columns,
      slot,
      node,
      REPLY_DESTINATION,
      REPLY_SOURCE,
      columns.ports[icmp ? cell : cell + 3] as number,
      columns.ports[icmp ? cell + 3 : cell + 2] as number,
    );
  }

  #acquire(
    columns: FlowColumns,
    slot: number,
    node: CleanText,
    from: number,
    to: number,
    first: number,
    second: number,
  ): number {
    const cell = slot * ROW_ADDRESSES;
    const family = columns.family[slot] as number;
    const protocol = columns.protocol[slot] as number;
    const source = this.addresses.acquire(family, columns.addresses, cell + from, node);
    const destination = this.addresses.acquire(family, columns.addresses, cell + to, node);
    const portsBit = (columns.flags[slot] as number) & HAS_PORTS ? PORTS_BIT : 0;
    const hosts = this.#hosts.acquire(source, (protocol << PROTOCOL_SHIFT) | portsBit | destination);
    // Each pair references the parts of its key once, not once for each of its own references.
    if (this.#hosts.refs[hosts] !== 1) {
      this.addresses.release(source);
      this.addresses.release(destination);
    }
    const pair = this.#pairs.acquire(portsBit !== 0 || isIcmp(protocol) ? (first << 16) | second : 0, hosts);
    if (this.#pairs.refs[pair] === 1) {
      this.#forward[pair] = undefined;
      this.#backward[pair] = undefined;
    } else this.#hosts.release(hosts);
    return pair;
  }

  /** Increments the reference count of a pair in use. */
  retain(pair: number): void {
    this.#pairs.retain(pair);
  }

  release(pair: number): void {
    if (!this.#pairs.release(pair)) return;
    this.#forward[pair] = undefined;
    this.#backward[pair] = undefined;
    const hosts = this.#pairs.second[pair] as number;
    const source = this.#hosts.first[hosts] as number;
    const destination = this.#destination(hosts);
    if (!this.#hosts.release(hosts)) return;
    this.addresses.release(source);
    this.addresses.release(destination);
  }

  #destination(hosts: number): number {
    return (this.#hosts.second[hosts] as number) & DESTINATION_MASK;
  }

  protocol(pair: number): number {
    return (this.#hosts.second[this.#pairs.second[pair] as number] as number) >>> PROTOCOL_SHIFT;
  }

  hasPorts(pair: number): boolean {
    return ((this.#hosts.second[this.#pairs.second[pair] as number] as number) & PORTS_BIT) !== 0;
  }

  /** Numbers in `addresses`. */
  source(pair: number): number {
    return this.#hosts.first[this.#pairs.second[pair] as number] as number;
  }

  destination(pair: number): number {
    return this.#destination(this.#pairs.second[pair] as number);
  }

  /** It belongs to one node: on another node the same addresses are different ones. */
  isNodeLocal(pair: number): boolean {
    return this.addresses.isNodeLocal(this.source(pair)) || this.addresses.isNodeLocal(this.destination(pair));
  }

  /** Port, or ICMP type and code. */
  firstPort(pair: number): number {
    return (this.#pairs.first[pair] as number) >>> 16;
  }

  /** Port, or ICMP id. */
  secondPort(pair: number): number {
    return (this.#pairs.first[pair] as number) & 0xffff;
  }

  /** The pair as a tuple, source to destination. */
  forward(pair: number): HopTuple {
    let ends = this.#forward[pair];
    if (ends === undefined) {
      ends = this.#makeForward(pair);
      this.#forward[pair] = ends;
    }
    return ends;
  }

  #makeForward(pair: number): HopTuple {
    const hosts = this.#pairs.second[pair] as number;
    const source = this.addresses.text(this.#hosts.first[hosts] as number);
    const destination = this.addresses.text(this.#destination(hosts));
    if (!this.hasPorts(pair)) return { source: { address: source }, destination: { address: destination } };
    return {
      source: { address: source, port: this.firstPort(pair) },
      destination: { address: destination, port: this.secondPort(pair) },
    };
  }

  /** The reversed tuple, as in a reply. */
  backward(pair: number): HopTuple {
    let ends = this.#backward[pair];
    if (ends === undefined) {
      const forward = this.forward(pair);
      ends = { source: forward.destination, destination: forward.source };
      this.#backward[pair] = ends;
    }
    return ends;
  }
}

/** Whether NAT does not change the row's packets: they leave by the pair by which they enter. */
export function isUntranslated(columns: FlowColumns, slot: number): boolean {
  const { ports } = columns;
  const { cells } = columns.addresses;
  const at = slot * ROW_ADDRESSES;
  if (cells[at + ORIGINAL_SOURCE] !== cells[at + REPLY_DESTINATION]) return false;
  if (cells[at + ORIGINAL_DESTINATION] !== cells[at + REPLY_SOURCE]) return false;
  const cell = slot * ROW_PORTS;
  if ((columns.flags[slot] as number) & HAS_PORTS)
    return ports[cell] === ports[cell + 3] && ports[cell + 1] === ports[cell + 2];
  return !isIcmp(columns.protocol[slot] as number) || ports[cell + 1] === ports[cell + 3];
}
