import {
  ASSURED,
  ASSURED_UNKNOWN,
  HARDWARE_OFFLOADED,
  HAS_PORTS,
  OFFLOADED,
  REPLIED,
  ZONE_ORIGINAL,
  ZONE_REPLY,
} from '../../flow/columns.ts';
import { isIcmp } from '../../flow/protocol.ts';
import type { Entry } from '../entry.ts';
import * as key from './keys.ts';
import { isDigit, isLower, isUpper, LineCursor } from './line-cursor.ts';
import { decimal, hexadecimal, ipv4, ipv6 } from './numbers.ts';
import { SEED_HIGH, SEED_LOW } from './seed.ts';
import { scanState } from './states.ts';

const SPACE = 32;
const MOST_UINT16 = 0xffff;
const MOST_UINT32 = 0xffff_ffff;

/**
 * Scans one line of /proc/net/nf_conntrack (or of the older ip_conntrack, which lacks the first two columns) into an
 * `Entry`. A line, as `ct_seq_show` of the kernel's nf_conntrack_standalone.c prints it:
 *
 *     ipv4 2 tcp 6 431999 ESTABLISHED src= dst= sport= dport= [zone-orig=] [packets= bytes=] [[UNREPLIED]]
 *       src= dst= sport= dport= [zone-reply=] [packets= bytes=] [[ASSURED]|[OFFLOAD]|[HW_OFFLOAD]]
 *       mark= [secctx=] [zone=] [delta-time=] use=
 *
 * It does not decode addresses: it only hashes their text. `writeAddresses` decodes them, for an entry that is not known.
 */
export class LineScanner implements Entry {
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
  readonly ports = new Uint16Array(4);
  readonly counters = new Float64Array(4);

  readonly #line = new LineCursor();
  readonly #addressStart = new Int32Array(4);
  readonly #addressEnd = new Int32Array(4);
  /** Saw `use=`, which ends every line: one without may be cut short. */
  #whole = false;

  /**
   * Scans `bytes[start, end)`; a newline must stand at `end`. False: it is no line of a conntrack table, and the fields are
   * worth nothing. `terminated` false: it is a last line without a newline, taken only if it is plainly whole.
   */
  scan(bytes: Uint8Array, start: number, end: number, terminated = true): boolean {
    this.#line.set(bytes, start, end);
    this.low = SEED_LOW;
    this.high = SEED_HIGH;
    this.state = 0;
    this.flags = REPLIED;
    this.zone = 0;
    this.mark = 0;
    this.timeout = -1;
    this.age = -1;
    this.ports.fill(0);
    this.counters.fill(Number.NaN);
    this.#whole = terminated;
    if (!this.#protocols() || !this.#preface()) return false;
    if (!this.#tuple(0) || !this.#attributes(0)) return false;
    if (!this.#tuple(1) || !this.#attributes(1)) return false;
    if (this.#line.at !== end || !this.#whole) return false;
    this.#finishFingerprint();
    return true;
  }

  writeAddresses(bytes: Uint8Array, at: number): boolean {
    const read = this.family === 4 ? ipv4 : ipv6;
    for (let i = 0; i < 4; i++) {
      const start = this.#addressStart[i] as number;
      if (!read(this.#line.bytes, start, this.#addressEnd[i] as number, bytes, at + i * 16)) return false;
    }
    return true;
  }

  /** "ipv4     2 tcp      6 ", or "tcp      6 " alone, whose family the addresses then tell. */
  #protocols(): boolean {
    const line = this.#line;
    const { bytes } = line;
    const start = line.at;
    this.family = 0;
    let name = start;
    if (line.word() - start === 4 && bytes[start] === 105 && bytes[start + 1] === 112 && bytes[start + 2] === 118) {
      this.family = (bytes[start + 3] as number) - 48;
      const number = line.at;
      if (decimal(bytes, number, line.word()) !== (this.family === 4 ? 2 : this.family === 6 ? 10 : -2)) return false;
      name = line.at;
      line.word();
    }
    const number = line.at;
    this.protocol = decimal(bytes, number, line.word());
    return isLower(bytes[name] as number) && this.protocol >= 0 && this.protocol <= 255;
  }

  /** The timeout (an offloaded entry has none), the state (of protocols that have one), GRE's two timeouts. */
  #preface(): boolean {
    const line = this.#line;
    for (let first = true; ; first = false) {
      const start = line.at;
      if (first && isDigit(line.code)) {
        this.timeout = decimal(line.bytes, start, line.word());
        if (this.timeout < 0 || this.timeout > 0x7fff_ffff) return false;
      } else if (isUpper(line.code) && this.state === 0) {
        this.state = scanState(line.bytes, start, line.word());
        if (this.state < 0) return false;
      } else if (line.isKey(key.SRC)) return true;
      else if (!line.skipPair()) return false;
    }
  }

  #tuple(direction: 0 | 1): boolean {
    const line = this.#line;
    const cell = direction * 2;
    if (!this.#address(key.SRC, cell) || !this.#address(key.DST, cell + 1)) return false;
    if (isIcmp(this.protocol)) {
      if (!line.number(key.TYPE, 255)) return false;
      const type = line.value;
      if (!line.number(key.CODE, 255)) return false;
      this.ports[cell] = (type << 8) | line.value;
      if (!line.number(key.ID, MOST_UINT16)) return false;
      this.ports[cell + 1] = line.value;
    } else if (line.isKey(key.SPORT)) {
      if (!line.valueOf(key.SPORT, MOST_UINT16)) return false;
      this.ports[cell] = line.value;
      if (!line.number(key.DPORT, MOST_UINT16)) return false;
      this.ports[cell + 1] = line.value;
      this.flags |= HAS_PORTS;
    } else if (line.isKey(key.SRCKEY)) {
      if (!this.#greKey(cell) || !line.isKey(key.DSTKEY) || !this.#greKey(cell + 1)) return false;
      this.flags |= HAS_PORTS;
    }
    this.#mix(((this.ports[cell] as number) << 16) | (this.ports[cell + 1] as number));
    return true;
  }

  /** `srckey=0x1f`. Both keys are equally long. */
  #greKey(cell: number): boolean {
    const line = this.#line;
    const start = line.at + key.SRCKEY.length;
    const value = hexadecimal(line.bytes, start, line.word());
    this.ports[cell] = value;
    return value >= 0 && value <= MOST_UINT16;
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
    return family === this.family && at < line.end;
  }

  /** What stands behind a tuple, up to the other one or the end. What a later kernel may add is passed over. */
  #attributes(direction: 0 | 1): boolean {
    const line = this.#line;
    while (line.at < line.end) {
      // By the first letter, and only then by the whole key: a line has ten of these.
      switch (line.code) {
        case 115: // s
          if (line.isKey(key.SRC)) return direction === 0;
          if (!line.isKey(key.SECCTX)) break;
          line.skipText();
          continue;
        case 112: // p
          if (!line.isKey(key.PACKETS)) break;
          if (!line.valueOf(key.PACKETS, Number.MAX_VALUE)) return false;
          this.counters[direction * 2] = line.value;
          continue;
        case 98: // b
          if (!line.isKey(key.BYTES)) break;
          if (!line.valueOf(key.BYTES, Number.MAX_VALUE)) return false;
          this.counters[direction * 2 + 1] = line.value;
          continue;
        case 91: // [
          if (!this.#flag()) return false;
          continue;
        case 109: // m
          if (!line.isKey(key.MARK)) break;
          if (!line.valueOf(key.MARK, MOST_UINT32)) return false;
          this.mark = line.value;
          continue;
        case 122: // z
          if (line.isKey(key.ZONE_ORIG)) this.flags |= ZONE_ORIGINAL;
          else if (line.isKey(key.ZONE_REPL)) this.flags |= ZONE_REPLY;
          else if (!line.isKey(key.ZONE)) break;
          if (!this.#zone()) return false;
          continue;
        case 117: // u
          if (!line.isKey(key.USE)) break;
          if (!line.valueOf(key.USE, MOST_UINT32)) return false;
          this.#whole = true;
          continue;
        case 100: // d
          if (!line.isKey(key.DELTA_TIME)) break;
          if (!line.valueOf(key.DELTA_TIME, Number.MAX_SAFE_INTEGER)) return false;
          this.age = line.value;
          continue;
      }
      if (!line.skipPair()) return false;
    }
    return direction === 1;
  }

  #zone(): boolean {
    const line = this.#line;
    const start = line.bytes.indexOf(61, line.at) + 1;
    this.zone = decimal(line.bytes, start, line.word());
    return this.zone >= 0 && this.zone <= MOST_UINT16;
  }

  #flag(): boolean {
    const line = this.#line;
    const start = line.at + 1;
    const end = line.word() - 1;
    if (line.bytes[end] !== 93 || end <= start) return false;
    for (let at = start; at < end; at++) {
      const code = line.bytes[at] as number;
      if (!isUpper(code) && code !== 95) return false;
    }
    const length = end - start;
    const code = line.bytes[start];
    if (length === 9 && code === 85) this.flags &= ~REPLIED;
    else if (length === 7 && code === 65) this.flags |= ASSURED;
    else if (length === 7 && code === 79) this.flags |= OFFLOADED | ASSURED_UNKNOWN;
    else if (length === 10 && code === 72) this.flags |= OFFLOADED | HARDWARE_OFFLOADED | ASSURED_UNKNOWN;
    return true;
  }

  /** An entry's identity includes what its tuples are of. The last steps spread the low bits, which choose a bucket. */
  #finishFingerprint(): void {
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
