import {
  ASSURED,
  ASSURED_UNKNOWN,
  HARDWARE_OFFLOADED,
  HAS_PORTS,
  OFFLOADED,
  REPLIED,
  ZONE_ORIGINAL,
  ZONE_REPLY,
} from '../../../flow/columns.ts';
import type { ConntrackEntry } from '../entry.ts';
import { LineCursor } from './line-cursor.ts';
import { HASH_SEED_HIGH, HASH_SEED_LOW } from './line-fingerprint.ts';
import { type LinePrefix, parseLinePrefix } from './line-prefix.ts';
import { parseDecimal, parseIpv4, parseIpv6 } from './numbers.ts';
import * as key from './tokens.ts';
import { isCompleteTuple, PORTS, parseCell } from './tuple-cells.ts';

const SPACE = 32;
const MAX_UINT16 = 0xffff;
const MAX_UINT32 = 0xffff_ffff;
/** The highest 64-bit counters round to 2^64 as doubles. */
const MAX_COUNT = 2 ** 64;
/** Ten years. Higher ages occur if the clock was set after the connection began, or if the time wrapped. */
const MAX_AGE_SECONDS = 10 * 365 * 86_400;

/**
 * Scans one line of /proc/net/nf_conntrack into a `ConntrackEntry`. The format, as `ct_seq_show` in the kernel's
 * nf_conntrack_standalone.c prints it:
 *
 *     ipv4 2 tcp 6 431999 ESTABLISHED src= dst= sport= dport= [zone-orig=] [packets= bytes=] [[UNREPLIED]]
 *       src= dst= sport= dport= [zone-reply=] [packets= bytes=] [[ASSURED]|[OFFLOAD]|[HW_OFFLOAD]]
 *       mark= [secctx=] [zone=] [delta-time=] use=
 *
 * The older ip_conntrack and the program `conntrack` omit the first two columns. A line must have a family (or addresses that
 * show it), a protocol number, and both tuples. Everything else is optional. The scanner skips unknown words; vendors' kernels
 * print more.
 *
 * It only hashes the text of the addresses. `writeAddresses` decodes them, for an unknown entry.
 */
export class LineScanner implements ConntrackEntry, LinePrefix {
  low = 0;
  high = 0;
  family = 0;
  protocol = 0;
  state = 0;
  flags = 0;
  zone = 0;
  mark = 0;
  timeout = -1;
  age = -1;
  /** The text has no id. */
  readonly kernelId = 0;
  readonly ports = new Uint16Array(4);
  readonly counters = new Float64Array(4);

  readonly #line = new LineCursor();
  readonly #addressStart = new Int32Array(4);
  readonly #addressEnd = new Int32Array(4);
  /** Found `use=`, which ends every line. A line without it may be truncated. */
  #whole = false;
  /** The cells that the current tuple has. */
  #cells = 0;

  /**
   * Scans `bytes[start, end)`, which has no blank at either end; there must be a blank or newline at `end`. Returns false if it
   * is not a line of a conntrack table; the fields are then undefined. `terminated` false: the last line has no newline and is
   * accepted only if it is clearly complete.
   */
  scan(bytes: Uint8Array, start: number, end: number, terminated = true): boolean {
    this.#line.set(bytes, start, end);
    this.low = HASH_SEED_LOW;
    this.high = HASH_SEED_HIGH;
    this.state = 0;
    this.flags = REPLIED;
    this.zone = 0;
    this.mark = 0;
    this.timeout = -1;
    this.age = -1;
    this.ports.fill(0);
    this.counters.fill(Number.NaN);
    this.#whole = false;
    if (!parseLinePrefix(this.#line, this)) return false;
    if (!this.#tuple(0) || !this.#attributes(0)) return false;
    const cells = this.#cells;
    if (!this.#tuple(1) || !this.#attributes(1)) return false;
    if (cells !== this.#cells || !isCompleteTuple(this.protocol, cells)) return false;
    if (!terminated && !this.#whole) return false;
    if (cells === PORTS) this.flags |= HAS_PORTS;
    this.#finishFingerprint();
    return true;
  }

  writeAddresses(bytes: Uint8Array, at: number): boolean {
    const read = this.family === 4 ? parseIpv4 : parseIpv6;
    for (let i = 0; i < 4; i++) {
      const start = this.#addressStart[i] as number;
      if (!read(this.#line.bytes, start, this.#addressEnd[i] as number, bytes, at + i * 16)) return false;
    }
    return true;
  }

  #tuple(direction: 0 | 1): boolean {
    const line = this.#line;
    const cell = direction * 2;
    this.#cells = 0;
    if (!this.#address(key.SRC, cell) || !this.#address(key.DST, cell + 1)) return false;
    // Read both ports at once; nearly all lines have them.
    if (!line.isKey(key.SPORT) || !line.valueOf(key.SPORT, MAX_UINT16)) return true;
    this.ports[cell] = line.value;
    if (!line.isKey(key.DPORT) || !line.valueOf(key.DPORT, MAX_UINT16)) return false;
    this.ports[cell + 1] = line.value;
    this.#cells = PORTS;
    return true;
  }

  #address(name: Uint8Array, which: number): boolean {
    const line = this.#line;
    if (!line.isKey(name)) return false;
    const { bytes } = line;
    let at = line.at + name.length;
    this.#addressStart[which] = at;
    let { low, high } = this;
    let colon = false;
    for (let code = bytes[at] as number; code > SPACE; code = bytes[++at] as number) {
      low = Math.imul(low ^ code, 0x01000193);
      high = Math.imul(high ^ code, 0x5bd1e995);
      high ^= high >>> 15;
      colon ||= code === 58;
    }
    this.low = low;
    this.high = high;
    this.#addressEnd[which] = at;
    line.at = at;
    line.gap();
    const family = colon ? 6 : 4;
    if (this.family === 0) this.family = family;
    return family === this.family;
  }

  /** Reads the words after a tuple's addresses, up to the other tuple or the end. */
  #attributes(direction: 0 | 1): boolean {
    const line = this.#line;
    while (line.at < line.end) {
      const { at } = line;
      // Switch on the first letter before comparing the whole key: a line has ten of these.
      switch (line.code) {
        case 115: // s
          if (line.isKey(key.SRC)) return direction === 0;
          if (line.isKey(key.SECCTX)) line.skipText();
          else if (!this.#cell(direction)) return false;
          break;
        case 112: // p
          if (!line.isKey(key.PACKETS)) break;
          this.#count(key.PACKETS, direction * 2);
          continue;
        case 98: // b
          if (!line.isKey(key.BYTES)) break;
          this.#count(key.BYTES, direction * 2 + 1);
          continue;
        case 91: // [
          this.#flag();
          continue;
        case 109: // m
          if (!line.isKey(key.MARK)) break;
          if (line.hexOf(key.MARK, MAX_UINT32)) this.mark = line.value;
          continue;
        case 122: // z
          this.#zone();
          break;
        case 117: // u
          if (!line.isKey(key.USE)) break;
          this.#use();
          continue;
        case 100: // d
          if (!line.isKey(key.DELTA_TIME)) {
            if (!this.#cell(direction)) return false;
          } else if (line.valueOf(key.DELTA_TIME, MAX_AGE_SECONDS)) this.age = line.value;
          break;
        case 116: // t
        case 99: // c
        case 105: // i
          if (!this.#cell(direction)) return false;
          break;
        case 111: // o
        case 114: // r
          this.#zone();
      }
      if (line.at === at && !line.skipWord()) return false;
    }
    return direction === 1;
  }

  #cell(direction: 0 | 1): boolean {
    this.#cells = parseCell(this.#line, this.protocol, this.ports, direction * 2, this.#cells);
    return this.#cells >= 0;
  }

  /** 2.4 kernels count both directions together, at the end of the line. Such counters belong to neither direction. */
  #count(name: Uint8Array, which: number): void {
    if (this.#line.valueOf(name, MAX_COUNT) && !this.#whole) this.counters[which] = this.#line.value;
  }

  /** The value may be "-1". A line that was truncated after the "=" is incomplete. */
  #use(): void {
    const line = this.#line;
    const start = line.at + key.USE.length;
    this.#whole = line.word() > start;
  }

  #zone(): void {
    const line = this.#line;
    let flag = 0;
    if (line.isKey(key.ZONE_ORIG) || line.isKey(key.ORIG_ZONE)) flag = ZONE_ORIGINAL;
    else if (line.isKey(key.ZONE_REPL) || line.isKey(key.REPLY_ZONE)) flag = ZONE_REPLY;
    else if (!line.isKey(key.ZONE)) return;
    const start = line.bytes.indexOf(61, line.at) + 1;
    const zone = parseDecimal(line.bytes, start, line.word());
    if (zone < 0 || zone > MAX_UINT16) return;
    this.zone = zone;
    this.flags |= flag;
  }

  /** Skips unknown flags. */
  #flag(): void {
    const line = this.#line;
    const { at } = line;
    const has = (name: Uint8Array) => line.isKey(name) && (line.bytes[at + name.length] as number) <= SPACE;
    switch (line.bytes[at + 1]) {
      case 85: // U
        if (has(key.UNREPLIED)) this.flags &= ~REPLIED;
        break;
      case 65: // A
        if (has(key.ASSURED)) this.flags |= ASSURED;
        break;
      case 79: // O
        if (has(key.OFFLOAD)) this.flags |= OFFLOADED | ASSURED_UNKNOWN;
        break;
      case 72: // H
        if (has(key.HW_OFFLOAD)) this.flags |= OFFLOADED | HARDWARE_OFFLOADED | ASSURED_UNKNOWN;
    }
    line.word();
  }

  /** The identity includes protocol, family and zone. The last steps mix the low bits, which choose a bucket. */
  #finishFingerprint(): void {
    const { ports } = this;
    this.#mix(((ports[0] as number) << 16) | (ports[1] as number));
    this.#mix(((ports[2] as number) << 16) | (ports[3] as number));
    this.#mix(this.protocol | (this.family << 8) | ((this.flags & (ZONE_ORIGINAL | ZONE_REPLY)) << 16));
    this.#mix(this.zone);
    this.low = Math.imul(this.low ^ (this.low >>> 15) ^ this.high, 0x2c1b3c6d);
    this.low ^= this.low >>> 13;
    this.high = Math.imul(this.high ^ (this.high >>> 16), 0x297a2d39);
  }

  #mix(value: number): void {
    this.low = Math.imul(this.low ^ value, 0x01000193);
    this.high = Math.imul(this.high ^ value, 0x5bd1e995);
    this.low ^= this.high >>> 13;
    this.high ^= this.low >>> 16;
  }
}
