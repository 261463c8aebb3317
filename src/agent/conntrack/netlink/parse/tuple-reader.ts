import { ICMP, ICMPV6 } from '../../../../flow/protocol.ts';
import { CODE, FIRST, PORTS, SECOND } from '../../parse/tuple-cells.ts';
import { Attributes } from './attributes.ts';
import * as nl from './numbers.ts';

/**
 * Reads the tuple of one direction: the offsets of its addresses in the message, and its other fields. The object is reused for
 * each message.
 */
export class TupleReader {
  source = 0;
  destination = 0;
  addressBytes = 0;
  protocol = 0;
  /** The cells that are present, as bits of `parse/tuple-cells.ts`. */
  cells = 0;
  /** -1: the zone, if any, applies to both directions. */
  zone = -1;
  #view: DataView = new DataView(new ArrayBuffer(0));
  readonly #inner = new Attributes(10);

  /** Reads a tuple from its attributes, and its ports into two cells of `ports`. Returns false if it is not a tuple of that family. */
  read(view: DataView, tuple: Attributes, family: number, ports: Uint16Array, cell: number): boolean {
    this.#view = view;
    const inner = this.#inner;
    if (!inner.readNested(tuple, nl.CTA_TUPLE_IP)) return false;
    this.addressBytes = family === 4 ? 4 : 16;
    this.source = inner.offset(family === 4 ? nl.CTA_IP_V4_SRC : nl.CTA_IP_V6_SRC, this.addressBytes);
    this.destination = inner.offset(family === 4 ? nl.CTA_IP_V4_DST : nl.CTA_IP_V6_DST, this.addressBytes);
    if (this.source < 0 || this.destination < 0) return false;
    this.zone = tuple.uint16(nl.CTA_TUPLE_ZONE);
    if (!inner.readNested(tuple, nl.CTA_TUPLE_PROTO)) return false;
    this.protocol = inner.uint8(nl.CTA_PROTO_NUM);
    ports[cell] = 0;
    ports[cell + 1] = 0;
    this.cells = this.#readCells(ports, cell);
    return this.protocol >= 0;
  }

  writeAddresses(bytes: Uint8Array, at: number): void {
    const view = this.#view;
    const { addressBytes } = this;
    for (let i = 0; i < addressBytes; i++) {
      bytes[at + i] = view.getUint8(this.source + i);
      bytes[at + 16 + i] = view.getUint8(this.destination + i);
    }
    bytes.fill(0, at + addressBytes, at + 16);
    bytes.fill(0, at + 16 + addressBytes, at + 32);
  }

  #readCells(ports: Uint16Array, cell: number): number {
    switch (this.protocol) {
      case ICMP:
        return this.#readIcmp(ports, cell, nl.CTA_PROTO_ICMP_ID, nl.CTA_PROTO_ICMP_TYPE, nl.CTA_PROTO_ICMP_CODE);
      case ICMPV6:
        return this.#readIcmp(ports, cell, nl.CTA_PROTO_ICMPV6_ID, nl.CTA_PROTO_ICMPV6_TYPE, nl.CTA_PROTO_ICMPV6_CODE);
    }
    const source = this.#inner.uint16(nl.CTA_PROTO_SRC_PORT);
    const destination = this.#inner.uint16(nl.CTA_PROTO_DST_PORT);
    if (source >= 0) ports[cell] = source;
    if (destination >= 0) ports[cell + 1] = destination;
    return (source < 0 ? 0 : FIRST) | (destination < 0 ? 0 : SECOND);
  }

  #readIcmp(ports: Uint16Array, cell: number, ids: number, types: number, codes: number): number {
    const id = this.#inner.uint16(ids);
    const type = this.#inner.uint8(types);
    const code = this.#inner.uint8(codes);
    if (id < 0 || type < 0 || code < 0) return 0;
    ports[cell] = (type << 8) | code;
    ports[cell + 1] = id;
    return PORTS | CODE;
  }
}
