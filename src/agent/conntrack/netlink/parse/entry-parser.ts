import {
  ASSURED,
  HARDWARE_OFFLOADED,
  HAS_PORTS,
  OFFLOADED,
  REPLIED,
  ZONE_ORIGINAL,
  ZONE_REPLY,
} from '../../../../flow/columns.ts';
import { NO_STATE } from '../../../../flow/state.ts';
import type { ConntrackEntry } from '../../entry.ts';
import { HASH_SEED_HIGH, HASH_SEED_LOW } from '../../parse/line-fingerprint.ts';
import { isCompleteTuple, PORTS } from '../../parse/tuple-cells.ts';
import { Attributes } from './attributes.ts';
import { MessageFingerprint } from './message-fingerprint.ts';
import * as nl from './numbers.ts';
import { findProtocolInfo } from './protocol-states.ts';
import { TupleReader } from './tuple-reader.ts';

/** Ten years. Higher ages occur if the clock was set after the connection began. */
const MAX_AGE_SECONDS = 10 * 365 * 86_400;
const FAMILIES: Readonly<Record<number, number>> = { [nl.AF_INET]: 4, [nl.AF_INET6]: 6 };

/**
 * Parses ctnetlink messages, one after another, into one `ConntrackEntry`: itself. It stores only numbers and creates no object
 * per entry. A message begins with `struct nfgenmsg`, followed by attributes.
 *
 * A message is an entry if it has a family, both tuples and a status. Everything else is optional: an offloaded connection has no
 * timeout and no state, and counters and timestamps depend on kernel settings.
 */
export class EntryParser implements ConntrackEntry {
  low = 0;
  high = 0;
  family = 0;
  protocol = 0;
  state = NO_STATE;
  flags = 0;
  zone = 0;
  mark = 0;
  timeout = -1;
  age = -1;
  kernelId = 0;
  readonly ports = new Uint16Array(4);
  readonly counters = new Float64Array(4);
  /** Unix time in milliseconds. Ages are relative to it. */
  wallMs = 0;
  /** Fingerprint of the current message. */
  readonly fingerprint = new MessageFingerprint();

  #view: DataView = new DataView(new ArrayBuffer(0));
  #start = 0;
  readonly #attributes = new Attributes(nl.CTA_COUNT);
  readonly #original = new TupleReader();
  readonly #reply = new TupleReader();
  readonly #outer = new Attributes(4);
  readonly #inner = new Attributes(5);

  /** Looks at the message in `view[start, end)` for its fingerprint. Returns false if it is malformed. */
  look(view: DataView, start: number, end: number): boolean {
    this.#view = view;
    this.#start = start;
    const first = start + nl.FAMILY_HEADER_BYTES;
    if (first > end || !this.#attributes.read(view, first, end)) return false;
    this.fingerprint.read(view, start, end, this.#attributes);
    return true;
  }

  /** Parses the current message. Returns false if it is not an entry; the fields are then undefined. */
  parse(): boolean {
    const attributes = this.#attributes;
    this.family = FAMILIES[this.#view.getUint8(this.#start)] ?? 0;
    if (this.family === 0 || !this.#parseTuples()) return false;
    const status = attributes.uint32(nl.CTA_STATUS);
    if (status < 0) return false;
    if ((status & nl.IPS_SEEN_REPLY) !== 0) this.flags |= REPLIED;
    if ((status & nl.IPS_ASSURED) !== 0) this.flags |= ASSURED;
    if ((status & nl.IPS_OFFLOAD) !== 0) this.flags |= OFFLOADED;
    if ((status & nl.IPS_HW_OFFLOAD) !== 0) this.flags |= OFFLOADED | HARDWARE_OFFLOADED;
    this.state = this.#parseState();
    this.timeout = this.fingerprint.timeout;
    this.mark = Math.max(0, attributes.uint32(nl.CTA_MARK));
    this.kernelId = Math.max(0, attributes.uint32(nl.CTA_ID));
    this.age = this.#parseAge();
    this.#parseCounters(nl.CTA_COUNTERS_ORIG, 0);
    this.#parseCounters(nl.CTA_COUNTERS_REPLY, 2);
    this.#finishFingerprint();
    return true;
  }

  writeAddresses(bytes: Uint8Array, at: number): boolean {
    this.#original.writeAddresses(bytes, at);
    this.#reply.writeAddresses(bytes, at + 32);
    return true;
  }

  #parseTuples(): boolean {
    const original = this.#original;
    const reply = this.#reply;
    const outer = this.#outer;
    if (!outer.readNested(this.#attributes, nl.CTA_TUPLE_ORIG)) return false;
    if (!original.read(this.#view, outer, this.family, this.ports, 0)) return false;
    if (!outer.readNested(this.#attributes, nl.CTA_TUPLE_REPLY)) return false;
    if (!reply.read(this.#view, outer, this.family, this.ports, 2)) return false;
    const { protocol, cells } = original;
    if (protocol !== reply.protocol || cells !== reply.cells || !isCompleteTuple(protocol, cells)) return false;
    this.protocol = protocol;
    this.flags = cells === PORTS ? HAS_PORTS : 0;
    this.zone = Math.max(0, this.#attributes.uint16(nl.CTA_ZONE));
    // An entry has one zone. If it applies to one direction only, the kernel puts it into that tuple.
    if (original.zone >= 0) {
      this.zone = original.zone;
      this.flags |= ZONE_ORIGINAL;
    } else if (reply.zone >= 0) {
      this.zone = reply.zone;
      this.flags |= ZONE_REPLY;
    }
    return true;
  }

  #parseState(): number {
    const info = findProtocolInfo(this.protocol);
    if (info === undefined) return NO_STATE;
    if (!this.#outer.readNested(this.#attributes, nl.CTA_PROTOINFO)) return NO_STATE;
    if (!this.#inner.readNested(this.#outer, info.attribute)) return NO_STATE;
    return info.states[this.#inner.uint8(nl.CTA_PROTOINFO_STATE)] ?? NO_STATE;
  }

  #parseCounters(type: number, cell: number): void {
    const { counters } = this;
    counters[cell] = Number.NaN;
    counters[cell + 1] = Number.NaN;
    const inner = this.#inner;
    if (!inner.readNested(this.#attributes, type)) return;
    const packets = Math.max(inner.uint64(nl.CTA_COUNTERS_PACKETS), inner.uint32(nl.CTA_COUNTERS32_PACKETS));
    const bytes = Math.max(inner.uint64(nl.CTA_COUNTERS_BYTES), inner.uint32(nl.CTA_COUNTERS32_BYTES));
    if (packets < 0 || bytes < 0) return;
    counters[cell] = packets;
    counters[cell + 1] = bytes;
  }

  /** The age of a connection that began after the start of the poll is 0. */
  #parseAge(): number {
    if (!this.#inner.readNested(this.#attributes, nl.CTA_TIMESTAMP)) return -1;
    const start = this.#inner.uint64(nl.CTA_TIMESTAMP_START);
    // An unconfirmed connection has the start time 0.
    if (start <= 0) return -1;
    const age = Math.max(0, (this.wallMs - Math.floor(start / 1e6)) / 1000);
    return age > MAX_AGE_SECONDS ? -1 : age;
  }

  /** The identity includes protocol, family and zone. The last steps mix the low bits, which choose a bucket. */
  #finishFingerprint(): void {
    const { ports } = this;
    this.low = HASH_SEED_LOW;
    this.high = HASH_SEED_HIGH;
    this.#mixAddresses(this.#original);
    this.#mixAddresses(this.#reply);
    this.#mix(((ports[0] as number) << 16) | (ports[1] as number));
    this.#mix(((ports[2] as number) << 16) | (ports[3] as number));
    this.#mix(this.protocol | (this.family << 8) | ((this.flags & (ZONE_ORIGINAL | ZONE_REPLY)) << 16));
    this.#mix(this.zone);
    this.low = Math.imul(this.low ^ (this.low >>> 15) ^ this.high, 0x2c1b3c6d);
    this.low ^= this.low >>> 13;
    this.high = Math.imul(this.high ^ (this.high >>> 16), 0x297a2d39);
  }

  #mixAddresses({ source, destination, addressBytes }: TupleReader): void {
    for (let i = 0; i < addressBytes; i += 4) {
      this.#mix(this.#view.getInt32(source + i));
      this.#mix(this.#view.getInt32(destination + i));
    }
  }

  #mix(value: number): void {
    this.low = Math.imul(this.low ^ value, 0x01000193);
    this.high = Math.imul(this.high ^ value, 0x5bd1e995);
    this.low ^= this.high >>> 13;
    this.high ^= this.low >>> 16;
  }
}
