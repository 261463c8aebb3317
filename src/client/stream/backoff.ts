const FIRST_MS = 500;
const MOST_MS = 15_000;
/** So long must a try have been good for the next failure to count as the first. */
const GOOD_MS = 10_000;

/** How long to wait before the next try. A failure right after a success is not a first one: it may be a loop. */
export class Backoff {
  readonly #random: () => number;
  #failures = 0;
  #goodSince: number | undefined;

  /** `random`: 0 to 1, as Math.random. */
  constructor(random: () => number) {
    this.#random = random;
  }

  /** The try is good, from `now` on (milliseconds, any clock). */
  good(now: number): void {
    this.#goodSince ??= now;
  }

  /** The try failed. Milliseconds to wait: the upper half of the step is jitter, so that agents lost together part. */
  failed(now: number): number {
    if (this.#goodSince !== undefined && now - this.#goodSince >= GOOD_MS) this.#failures = 0;
    this.#goodSince = undefined;
    const step = Math.min(MOST_MS, FIRST_MS * 2 ** Math.min(this.#failures, 16));
    this.#failures++;
    return Math.round(step * (0.5 + this.#random() / 2));
  }
}
