import { decimal } from './numbers.ts';

const SPACE = 32;
const EQUALS = 61;

/** A place in a line of words and `key=value` pairs. A newline must stand at `end`: every scan stops there. */
export class LineCursor {
  bytes: Uint8Array = new Uint8Array(1);
  /** The next byte to look at. */
  at = 0;
  end = 0;
  /** The number that `number` read. */
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

  /** Moves past a word and the spaces behind it; returns where the word ended. A control character ends a word too. */
  word(): number {
    let at = this.at;
    while ((this.bytes[at] as number) > SPACE) at++;
    this.at = at;
    this.gap();
    return at;
  }

  gap(): void {
    while (this.at < this.end && this.bytes[this.at] === SPACE) this.at++;
  }

  /** Whether `key`, with its "=", comes next. */
  isKey(key: Uint8Array): boolean {
    for (let i = 0; i < key.length; i++) if (this.bytes[this.at + i] !== key[i]) return false;
    return true;
  }

  /** Reads `key` and a number up to `most` into `value`. */
  number(key: Uint8Array, most: number): boolean {
    return this.isKey(key) && this.valueOf(key, most);
  }

  /** The same, for a key that is known to come next. */
  valueOf(key: Uint8Array, most: number): boolean {
    const start = this.at + key.length;
    this.value = decimal(this.bytes, start, this.word());
    return this.value >= 0 && this.value <= most;
  }

  /** Passes over a `key=value` that means nothing here. */
  skipPair(): boolean {
    const start = this.at;
    const end = this.word();
    if (!isLower(this.bytes[start] as number)) return false;
    const equals = this.bytes.indexOf(EQUALS, start);
    return equals > start && equals < end;
  }

  /** Passes over a `key=value` whose value may have spaces, as AppArmor's "docker-default (enforce)" has: up to a next pair. */
  skipText(): void {
    this.word();
    while (this.code > SPACE && !this.#isPair()) this.word();
  }

  #isPair(): boolean {
    for (let at = this.at; (this.bytes[at] as number) > SPACE; at++) if (this.bytes[at] === EQUALS) return true;
    return false;
  }
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
