/**
 * How long agents that say nothing are waited for once others have reported: as long again as the slowest of these needed, and this,
 * so that one that is silent does not hold up what all others reported.
 */
const GRACE_PERIOD_MS = 2_000;

/** Knows when the agents that have not reported had enough time. All times in milliseconds, of one clock. */
export class Lateness {
  readonly #began: number;
  #reported = 0;
  #lastAt = 0;

  constructor(began: number) {
    this.#began = began;
  }

  /** How many have reported by now. */
  observe(reported: number, now: number): void {
    if (reported > this.#reported) this.#lastAt = now;
    this.#reported = reported;
  }

  /** `more`: that somebody is known to need. */
  isLate(now: number, more = 0): boolean {
    return this.#reported > 0 && now - this.#lastAt > this.#lastAt - this.#began + GRACE_PERIOD_MS + more;
  }
}
