/** Ten minutes, one sample per second. */
export const MAX_SAMPLES = 600;
/** A rate covers the time since the previous poll: it fills seconds without a sample, but at most this many. */
const MAX_BETWEEN_POLLS_SECONDS = 5;

/** One rate, second by second, of the last ten minutes: a ring buffer, in which the last write of a second counts. */
export class RateSeries {
  readonly #rates = new Float32Array(MAX_SAMPLES).fill(Number.NaN);
  /** The seconds of the first sample and of the last. */
  readonly #first: number;
  #last: number;

  constructor(second: number) {
    this.#first = second;
    this.#last = second;
  }

  /** `rate`: bytes per second; undefined: it is not known. */
  add(second: number, rate: number | undefined): void {
    const gap = second - this.#last - 1;
    const meanwhile = gap <= MAX_BETWEEN_POLLS_SECONDS ? rate : undefined;
    for (let missed = Math.max(this.#last + 1, second - MAX_SAMPLES); missed < second; missed++)
      this.#rates[missed % MAX_SAMPLES] = meanwhile ?? Number.NaN;
    // A clock that was set back overwrites the past, and later samples stay.
    if (second <= this.#last - MAX_SAMPLES) return;
    this.#rates[second % MAX_SAMPLES] = rate ?? Number.NaN;
    this.#last = Math.max(this.#last, second);
  }

  /** Bytes per second, second by second, the oldest first, the last `most` up to `second`; NaN: unknown. */
  until(second: number, most = MAX_SAMPLES): number[] {
    // Seconds that the next poll will cover are not a gap yet.
    const to = second > this.#last && second - this.#last <= MAX_BETWEEN_POLLS_SECONDS ? this.#last : second;
    const from = Math.max(this.#first, to - most + 1);
    return Array.from({ length: Math.max(0, to - from + 1) }, (_, i) => this.#at(from + i));
  }

  #at(second: number): number {
    const isKept = second <= this.#last && second > this.#last - MAX_SAMPLES;
    return isKept ? (this.#rates[second % MAX_SAMPLES] ?? Number.NaN) : Number.NaN;
  }
}

/** Seconds of the averages, as in iftop. */

export const AVERAGE_WINDOWS_S = [2, 10, 40] as const;
/** Averages over the last 2, 10 and 40 seconds, as far back as samples go; absent: none is known. */

export function averages(rates: readonly number[]): readonly (number | undefined)[] {
  return AVERAGE_WINDOWS_S.map((seconds) => mean(rates.slice(-seconds)));
}

export function mean(rates: readonly number[]): number | undefined {
  const known = rates.filter((rate) => !Number.isNaN(rate));
  return known.length === 0 ? undefined : known.reduce((sum, rate) => sum + rate, 0) / known.length;
}
