/**
 * How long agents that say nothing are waited for once others have told: as long again as the slowest of these needed, and this,
 * so that one that is silent does not hold up what all others told.
 */
const GRACE_PERIOD_MS = 2_000;

/** Knows when whoever has not told yet had time enough. All times in milliseconds, of one clock. */
export class Lateness {
  readonly #began: number;
  #told = 0;
  #lastAt = 0;

  constructor(began: number) {
    this.#began = began;
  }

  /** How many have told by now. */
  observe(told: number, now: number): void {
    if (told > this.#told) this.#lastAt = now;
    this.#told = told;
  }

  /** `more`: that somebody is known to need. */
  isLate(now: number, more = 0): boolean {
    return this.#told > 0 && now - this.#lastAt > this.#lastAt - this.#began + GRACE_PERIOD_MS + more;
  }
}
