import { setTimeout as delay } from 'node:timers/promises';

export interface BackoffOptions {
  /** A success counts if it lasted this long. A failure right after a success may be a loop. */
  readonly resetAfterMs?: number;
  /** 0 to 1, as Math.random. */
  readonly random?: () => number;
}

/** Waits longer after each failure in a row, at random between half and all of the step, so that many clients spread out. */
export class Backoff {
  readonly #firstMs: number;
  readonly #maxMs: number;
  readonly #resetAfterMs: number;
  readonly #random: () => number;
  #failures = 0;
  #succeededAt: number | undefined;

  constructor(firstMs: number, maxMs: number, { resetAfterMs = 0, random = Math.random }: BackoffOptions = {}) {
    this.#firstMs = firstMs;
    this.#maxMs = maxMs;
    this.#resetAfterMs = resetAfterMs;
    this.#random = random;
  }

  /** The attempt succeeded, from `now` on: milliseconds of any clock. */
  succeeded(now = performance.now()): void {
    this.#succeededAt ??= now;
  }

  /** The attempt failed: milliseconds to wait before the next one. */
  failed(now = performance.now()): number {
    if (this.#succeededAt !== undefined && now - this.#succeededAt >= this.#resetAfterMs) this.#failures = 0;
    this.#succeededAt = undefined;
    const step = Math.min(this.#maxMs, this.#firstMs * 2 ** Math.min(this.#failures, 30));
    this.#failures++;
    return Math.round(step * (0.5 + this.#random() / 2));
  }

  /** The attempt failed: waits before the next one. Rejects when aborted. */
  async wait(signal: AbortSignal): Promise<void> {
    await delay(this.failed(), undefined, { signal });
  }
}
