import { setTimeout as delay } from 'node:timers/promises';

/** Waits longer after each failure in a row, at random between half and all of it, so that many clients spread out. */
export class Backoff {
  #failures = 0;
  readonly #firstMs: number;
  readonly #mostMs: number;
  readonly #random: () => number;

  constructor(firstMs: number, mostMs: number, random: () => number = Math.random) {
    this.#firstMs = firstMs;
    this.#mostMs = mostMs;
    this.#random = random;
  }

  /** Milliseconds to wait after one more failure. */
  next(): number {
    const whole = Math.min(this.#mostMs, this.#firstMs * 2 ** Math.min(this.#failures++, 30));
    return whole * (0.5 + this.#random() / 2);
  }

  reset(): void {
    this.#failures = 0;
  }

  /** Rejects when aborted. */
  async wait(signal: AbortSignal): Promise<void> {
    await delay(this.next(), undefined, { signal });
  }
}
