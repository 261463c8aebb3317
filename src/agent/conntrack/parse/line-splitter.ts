/** Far longer than any line that a kernel prints (at most a page). A longer line is not from a conntrack table. */
export const MAX_LINE_BYTES = 16 * 1024;

const NEWLINE = 10;
const CARRIAGE_RETURN = 13;
const SPACE = 32;
const TAB = 9;

/**
 * Receives one line: the bytes from `start` to `end`, without surrounding blanks, never empty. At `end` there is a byte that is
 * not part of it (a newline or blank).
 */
export type LineHandler = (bytes: Uint8Array, start: number, end: number, terminated: boolean) => void;

/**
 * Splits a byte stream into lines without copying. The caller reads directly into `buffer` from `filled` on, and passes the count
 * to `advance`. A line may span several reads. Memory is limited to the buffer: a line longer than `MAX_LINE_BYTES` is dropped
 * and counted once in `overlong`.
 */
export class LineSplitter {
  readonly buffer: Uint8Array;
  filled = 0;
  overlong = 0;
  /** Number of lines so far, including dropped ones. */
  lines = 0;
  #start = 0;
  #searched = 0;
  #skipping = false;
  readonly #take: LineHandler;

  constructor(take: LineHandler, bytes = 64 * 1024) {
    // One byte more than the caller may fill: `end` puts a newline there after a last line without one.
    this.buffer = new Uint8Array(Math.max(bytes, MAX_LINE_BYTES * 2) + 1);
    this.#take = take;
  }

  /** Number of bytes that the caller may read into `buffer` at `filled`. Never 0. */
  get room(): number {
    return this.buffer.length - 1 - this.filled;
  }

  /** Call it after reading `count` bytes into `buffer` at `filled`. */
  advance(count: number): void {
    this.filled += count;
    for (;;) {
      const newline = this.#newline();
      if (newline < 0) break;
      this.lines++;
      if (this.#skipping) this.#skipping = false;
      else if (newline - this.#start > MAX_LINE_BYTES) this.overlong++;
      else this.#line(this.#start, newline, true);
      this.#start = newline + 1;
      this.#searched = this.#start;
    }
    this.#searched = this.filled;
    if (this.#skipping) {
      this.#start = this.filled;
    } else if (this.filled - this.#start > MAX_LINE_BYTES) {
      this.overlong++;
      this.#skipping = true;
      this.#start = this.filled;
    }
    if (this.#start === 0) return;
    this.buffer.copyWithin(0, this.#start, this.filled);
    this.filled -= this.#start;
    this.#searched -= this.#start;
    this.#start = 0;
  }

  /** Call it at the end of the stream. It takes a last line without a newline, and resets for the next stream. */
  end(): void {
    if (this.filled > 0 && !this.#skipping) {
      this.buffer[this.filled] = NEWLINE;
      this.#line(0, this.filled, false);
    }
    this.reset();
  }

  /** Drops an incomplete line. */
  reset(): void {
    this.filled = 0;
    this.#start = 0;
    this.#searched = 0;
    this.#skipping = false;
  }

  /** Files that were copied or edited can have blanks around lines, "\r\n" line ends, and a byte order mark. */
  #line(from: number, to: number, terminated: boolean): void {
    const { buffer } = this;
    let start = from;
    let end = to;
    while (end > start && isBlank(buffer[end - 1] as number)) end--;
    if (buffer[start] === 0xef && buffer[start + 1] === 0xbb && buffer[start + 2] === 0xbf) start += 3;
    while (start < end && isBlank(buffer[start] as number)) start++;
    if (start < end) this.#take(buffer, start, end, terminated);
  }

  #newline(): number {
    const at = this.buffer.indexOf(NEWLINE, this.#searched);
    return at < this.filled ? at : -1;
  }
}

function isBlank(code: number): boolean {
  return code === SPACE || code === TAB || code === CARRIAGE_RETURN;
}
