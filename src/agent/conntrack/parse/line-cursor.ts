import { parseDecimal, parseHex } from './numbers.ts';

const SPACE = 32;
const TAB = 9;
const EQUALS = 61;
const ZERO = 48;

/** A position in a line of words and `key=value` pairs. There must be a blank or newline at `end`: every scan stops there. */
export class LineCursor {
  bytes: Uint8Array = new Uint8Array(1);
  /** Index of the next byte. */
  at = 0;
  end = 0;
  /** The last number that was read. */
  value = 0;

  set(bytes: Uint8Array, start: number, end: number): void {
    this.bytes = bytes;
    this.at = start;
    this.end = end;
  }

  /** The next byte. */
  get code(): number {
    return this.bytes[this.at] as number;
  }

  /** Moves past a word and the blanks after it. Returns the end of the word. A control character also ends a word. */
  word(): number {
    let at = this.at;
    while ((this.bytes[at] as number) > SPACE) at++;
    this.at = at;
    this.gap();
    return at;
  }

  gap(): void {
    while (this.at < this.end && (this.bytes[this.at] === SPACE || this.bytes[this.at] === TAB)) this.at++;
  }

  /** Returns whether `key`, including its "=", comes next. */
  isKey(key: Uint8Array): boolean {
    for (let i = 0; i < key.length; i++) if (this.bytes[this.at + i] !== key[i]) return false;
    return true;
  }

  /** Reads the number of `key`, which comes next, into `value`. Returns false if it is not a number, or above `most`. */
  valueOf(key: Uint8Array, most: number): boolean {
    const start = this.at + key.length;
    this.value = parseDecimal(this.bytes, start, this.word());
    return this.value >= 0 && this.value <= most;
  }

  /** Like `valueOf`, but also accepts a number such as 0x1f. */
  hexOf(key: Uint8Array, most: number): boolean {
    const start = this.at + key.length;
    const end = this.word();
    const isHex = this.bytes[start] === ZERO && end - start > 1;
    this.value = isHex ? parseHex(this.bytes, start, end) : parseDecimal(this.bytes, start, end);
    return this.value >= 0 && this.value <= most;
  }

  /** Skips a word without meaning here. Returns false if no word comes next, or if it is the beginning of another line. */
  skipWord(): boolean {
    const start = this.at;
    const end = this.word();
    return end > start && !(end - start === 4 && isFamily(this.bytes, start));
  }

  /** Skips a `key=value` up to the next pair. The value may have spaces, such as AppArmor's "docker-default (enforce)". */
  skipText(): void {
    this.word();
    while (this.code > SPACE && !this.isPair()) this.word();
  }

  /** Returns whether a `key=value` comes next. */
  isPair(): boolean {
    for (let at = this.at; (this.bytes[at] as number) > SPACE; at++) if (this.bytes[at] === EQUALS) return true;
    return false;
  }
}

/** Returns whether a line begins here: "ipv4" or "ipv6". */
export function isFamily(bytes: Uint8Array, at: number): boolean {
  return (
    bytes[at] === 105 &&
    bytes[at + 1] === 112 &&
    bytes[at + 2] === 118 &&
    (bytes[at + 3] === 52 || bytes[at + 3] === 54)
  );
}

export function isDigit(code: number): boolean {
  return code >= 48 && code <= 57;
}

export function isUpper(code: number): boolean {
  return code >= 65 && code <= 90;
}

export function isLower(code: number): boolean {
  return code >= 97 && code <= 122;
}
