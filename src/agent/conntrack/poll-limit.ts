import { readFileSync } from 'node:fs';
import { MAX_GROWTH_RATIO, MAX_LINE_SHARE_BYTES, MAX_SILENT_POLL_MS, MAX_SPARE_LINES } from '../../limits.ts';

export interface PollLimits {
  /** Maximum size of the whole table. */
  readonly bytes: () => number;
  /** Maximum time without a line. */
  readonly silentMs: number;
}

const MAXIMUM = '/proc/sys/net/netfilter/nf_conntrack_max';
/** Used if the kernel's maximum is unknown or 0. */
const MAX_ENTRIES = 1 << 22;

/** Limits that no table of this kernel reaches. */
export const KERNEL_LIMITS: PollLimits = {
  bytes: () => MAX_LINE_SHARE_BYTES * (MAX_GROWTH_RATIO * maxEntries() + MAX_SPARE_LINES),
  silentMs: MAX_SILENT_POLL_MS,
};

function maxEntries(): number {
  try {
    return Math.max(1 << 18, Number(readFileSync(MAXIMUM, 'utf8')) || MAX_ENTRIES);
  } catch {
    return MAX_ENTRIES;
  }
}

/** Aborts a poll that does not read a conntrack table: a file without an end, or without lines. */
export class PollLimit {
  readonly #limits: PollLimits;
  readonly #path: string;
  #bytes = 0;
  #most: number | undefined;
  #lines = -1;
  #lineAt = 0;

  constructor(limits: PollLimits, path: string) {
    this.#limits = limits;
    this.#path = path;
  }

  /** Call it after each read. Throws above a limit. */
  check(bytes: number, lines: number, now: number): void {
    this.#bytes += bytes;
    this.#most ??= this.#limits.bytes();
    if (this.#bytes > this.#most)
      throw new Error(`${this.#path}: more than ${Math.round(this.#most / 2 ** 20)} MiB, which no conntrack table has`);
    if (lines !== this.#lines) {
      this.#lines = lines;
      this.#lineAt = now;
    } else if (now - this.#lineAt > this.#limits.silentMs)
      throw new Error(`${this.#path}: no line in ${this.#limits.silentMs / 1000} s`);
  }
}
