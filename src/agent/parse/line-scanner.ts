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
import { decimal, hexadecimal, ipv4, ipv6 } from './numbers.ts';
import { scanState } from './states.ts';

// Drawn anew by each process, so that nobody can make connections whose fingerprints clash.
const SEED_LOW = (Math.random() * 0x1_0000_0000) | 0;
const SEED_HIGH = (Math.random() * 0x1_0000_0000) | 0;

const SPACE = 32;
const EQUALS = 61;

/** What a line must say once at least, or else it is cut short. */
const SAW_USE = 1;

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

  readonly #addressStart = new Int32Array(4);
  readonly #addressEnd = new Int32Array(4);
  #bytes: Uint8Array = new Uint8Array(1);
  /** The next byte to look at. Every scan stops at the newline that stands at #end. */
  #at = 0;
  #end = 0;
  /** The value of the last key=value token. */
  #value = 0;
  #saw = 0;

  /**
   * Scans `bytes[start, end)`; a newline must stand at `end`. False: it is no line of a conntrack table, and the fields are
   * worth nothing. `terminated` false: it is a last line without a newline, taken only if it is plainly whole.
   */
  scan(bytes: Uint8Array, start: number, end: number, terminated = true): boolean {
    this.#bytes = bytes;
    this.#at = start;
    this.#end = end;
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
    this.#saw = 0;
    if (!this.#protocols() || !this.#preface()) return false;
    if (!this.#tuple(0) || !this.#attributes(0)) return false;
    if (!this.#tuple(1) || !this.#attributes(1)) return false;
    if (this.#at !== end || (!terminated && this.#saw !== SAW_USE)) return false;
    // The identity of an entry includes what it is a tuple of. The last steps spread the low bits, which choose a bucket.
    this.#mix(this.protocol | (this.family << 8) | ((this.flags & (ZONE_ORIGINAL | ZONE_REPLY)) << 16));
    this.#mix(this.zone);
    this.low = Math.imul(this.low ^ (this.low >>> 15) ^ this.high, 0x2c1b3c6d);
    this.low = (this.low ^ (this.low >>> 13)) >>> 0;
    this.high = Math.imul(this.high ^ (this.high >>> 16), 0x297a2d39) >>> 0;
    return true;
  }

  writeAddresses(bytes: Uint8Array, at: number): boolean {
    const read = this.family === 4 ? ipv4 : ipv6;
    for (let i = 0; i < 4; i++) {
      const start = this.#addressStart[i] as number;
      if (!read(this.#bytes, start, this.#addressEnd[i] as number, bytes, at + i * 16)) return false;
    }
    return true;
  }

  /** "ipv4     2 tcp      6 ", or "tcp      6 " alone, whose family the addresses then tell. */
  #protocols(): boolean {
    let start = this.#at;
    let end = this.#word();
    this.family = 0;
    if (
      end - start === 4 &&
      this.#bytes[start] === 105 &&
      this.#bytes[start + 1] === 112 &&
      this.#bytes[start + 2] === 118
    ) {
      const digit = this.#bytes[start + 3];
      start = this.#at;
      end = this.#word();
      const number = decimal(this.#bytes, start, end);
      if (digit === 52 && number === 2) this.family = 4;
      else if (digit === 54 && number === 10) this.family = 6;
      else return false;
      start = this.#at;
      end = this.#word();
    }
    if (!isLower(this.#bytes[start] as number)) return false;
    start = this.#at;
    end = this.#word();
    this.protocol = decimal(this.#bytes, start, end);
    return this.protocol >= 0 && this.protocol <= 255;
  }

  /** The timeout (an offloaded entry has none), the state (of protocols that have one), GRE's two timeouts. */
  #preface(): boolean {
    for (let first = true; ; first = false) {
      const start = this.#at;
      const code = this.#bytes[start] as number;
      if (isDigit(code) && first) {
        this.timeout = decimal(this.#bytes, start, this.#word());
        if (this.timeout < 0 || this.timeout > 0x7fff_ffff) return false;
      } else if (isUpper(code) && this.state === 0) {
        this.state = scanState(this.#bytes, start, this.#word());
        if (this.state < 0) return false;
      } else if (this.#isKey(SRC)) return true;
      else if (!isLower(code) || !this.#skipPair()) return false;
    }
  }

  #tuple(direction: 0 | 1): boolean {
    if (!this.#address(SRC, direction * 2) || !this.#address(DST, direction * 2 + 1)) return false;
    const cell = direction * 2;
    if (isIcmp(this.protocol)) {
      if (!this.#number(TYPE, 255)) return false;
      const type = this.#value;
      if (!this.#number(CODE, 255)) return false;
      this.ports[cell] = (type << 8) | this.#value;
      if (!this.#number(ID, 0xffff)) return false;
      this.ports[cell + 1] = this.#value;
    } else if (this.#isKey(SPORT)) {
      if (!this.#number(SPORT, 0xffff)) return false;
      this.ports[cell] = this.#value;
      if (!this.#number(DPORT, 0xffff)) return false;
      this.ports[cell + 1] = this.#value;
      this.flags |= HAS_PORTS;
    } else if (this.#isKey(SRCKEY)) {
      if (!this.#number(SRCKEY, 0xffff)) return false;
      this.ports[cell] = this.#value;
      if (!this.#number(DSTKEY, 0xffff)) return false;
      this.ports[cell + 1] = this.#value;
      this.flags |= HAS_PORTS;
    }
    this.#mix(((this.ports[cell] as number) << 16) | (this.ports[cell + 1] as number));
    return true;
  }

  /** What stands behind a tuple, up to the other one or the end. What a later kernel may add (`key=value`, `[FLAG]`) is passed over. */
  #attributes(direction: 0 | 1): boolean {
    while (this.#at < this.#end) {
      const code = this.#bytes[this.#at] as number;
      if (code === 91) {
        if (!this.#flag()) return false;
      } else if (this.#isKey(PACKETS)) {
        if (!this.#number(PACKETS, Number.MAX_VALUE)) return false;
        this.counters[direction * 2] = this.#value;
      } else if (this.#isKey(BYTES)) {
        if (!this.#number(BYTES, Number.MAX_VALUE)) return false;
        this.counters[direction * 2 + 1] = this.#value;
      } else if (this.#isKey(MARK)) {
        if (!this.#number(MARK, 0xffff_ffff)) return false;
        this.mark = this.#value;
      } else if (this.#isKey(USE)) {
        if (!this.#number(USE, 0xffff_ffff)) return false;
        this.#saw |= SAW_USE;
      } else if (this.#isKey(ZONE)) {
        if (!this.#zone(ZONE, 0)) return false;
      } else if (this.#isKey(ZONE_ORIG)) {
        if (!this.#zone(ZONE_ORIG, ZONE_ORIGINAL)) return false;
      } else if (this.#isKey(ZONE_REPL)) {
        if (!this.#zone(ZONE_REPL, ZONE_REPLY)) return false;
      } else if (this.#isKey(DELTA_TIME)) {
        if (!this.#number(DELTA_TIME, Number.MAX_SAFE_INTEGER)) return false;
        this.age = this.#value;
      } else if (this.#isKey(SRC)) return direction === 0;
      else if (!isLower(code) || !this.#skipPair()) return false;
    }
    return direction === 1;
  }

  #zone(key: Uint8Array, flag: number): boolean {
    if (!this.#number(key, 0xffff)) return false;
    this.zone = this.#value;
    this.flags |= flag;
    return true;
  }

  #flag(): boolean {
    const start = this.#at + 1;
    const end = this.#word() - 1;
    if (this.#bytes[end] !== 93 || end <= start) return false;
    for (let at = start; at < end; at++) {
      const code = this.#bytes[at] as number;
      if (!isUpper(code) && code !== 95) return false;
    }
    const length = end - start;
    const code = this.#bytes[start];
    if (length === 9 && code === 85) this.flags &= ~REPLIED;
    else if (length === 7 && code === 65) this.flags |= ASSURED;
    else if (length === 7 && code === 79) this.flags |= OFFLOADED | ASSURED_UNKNOWN;
    else if (length === 10 && code === 72) this.flags |= OFFLOADED | HARDWARE_OFFLOADED | ASSURED_UNKNOWN;
    return true;
  }

  #address(key: Uint8Array, which: number): boolean {
    if (!this.#isKey(key)) return false;
    let at = this.#at + key.length;
    this.#addressStart[which] = at;
    let { low, high } = this;
    let colon = false;
    for (let code = this.#bytes[at] as number; code > SPACE; code = this.#bytes[++at] as number) {
      low = Math.imul(low ^ code, 0x01000193);
      high = Math.imul(high ^ code, 0x5bd1e995);
      high ^= high >>> 15;
      colon ||= code === 58;
    }
    this.low = low;
    this.high = high;
    this.#addressEnd[which] = at;
    const family = colon ? 6 : 4;
    if (this.family === 0) this.family = family;
    if (family !== this.family || at >= this.#end) return false;
    this.#at = at;
    return this.#gap();
  }

  /** `key` and a number up to `most`: its value is then in #value. */
  #number(key: Uint8Array, most: number): boolean {
    if (!this.#isKey(key)) return false;
    const start = this.#at + key.length;
    const end = this.#word();
    this.#value =
      key === SRCKEY || key === DSTKEY ? hexadecimal(this.#bytes, start, end) : decimal(this.#bytes, start, end);
    return this.#value >= 0 && this.#value <= most;
  }

  #isKey(key: Uint8Array): boolean {
    for (let i = 0; i < key.length; i++) if (this.#bytes[this.#at + i] !== key[i]) return false;
    return true;
  }

  /** Passes over a `key=value` that means nothing here. */
  #skipPair(): boolean {
    const start = this.#at;
    const end = this.#word();
    const equals = this.#bytes.indexOf(EQUALS, start);
    return equals > start && equals < end;
  }

  /** Moves past a word and the spaces behind it; returns where the word ended. A control character ends the line too. */
  #word(): number {
    let at = this.#at;
    while ((this.#bytes[at] as number) > SPACE) at++;
    this.#at = at;
    this.#gap();
    return at;
  }

  #gap(): boolean {
    while (this.#at < this.#end && this.#bytes[this.#at] === SPACE) this.#at++;
    return true;
  }

  #mix(value: number): void {
    this.low = Math.imul(this.low ^ value, 0x01000193);
    this.high = Math.imul(this.high ^ value, 0x5bd1e995);
    this.low ^= this.high >>> 13;
    this.high ^= this.low >>> 16;
  }
}

const encoder = new TextEncoder();
const SRC = encoder.encode('src=');
const DST = encoder.encode('dst=');
const SPORT = encoder.encode('sport=');
const DPORT = encoder.encode('dport=');
const TYPE = encoder.encode('type=');
const CODE = encoder.encode('code=');
const ID = encoder.encode('id=');
const SRCKEY = encoder.encode('srckey=');
const DSTKEY = encoder.encode('dstkey=');
const PACKETS = encoder.encode('packets=');
const BYTES = encoder.encode('bytes=');
const MARK = encoder.encode('mark=');
const USE = encoder.encode('use=');
const ZONE = encoder.encode('zone=');
const ZONE_ORIG = encoder.encode('zone-orig=');
const ZONE_REPL = encoder.encode('zone-reply=');
const DELTA_TIME = encoder.encode('delta-time=');

function isDigit(code: number): boolean {
  return code >= 48 && code <= 57;
}

function isUpper(code: number): boolean {
  return code >= 65 && code <= 90;
}

function isLower(code: number): boolean {
  return code >= 97 && code <= 122;
}
