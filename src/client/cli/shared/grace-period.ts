/**
 * How long to wait for silent agents once others have reported: twice as long as the slowest of these needed, and this,
 * so that one silent agent does not delay what all others have reported.
 */
const MIN_GRACE_PERIOD_MS = 2_000;

/** Whether the agents that have not reported have had enough time. All times in milliseconds, of one clock. */
export class GracePeriod {
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

  /** `more`: extra time that an agent is known to need. */
  isOver(now: number, more = 0): boolean {
    return this.#reported > 0 && now - this.#lastAt > this.#lastAt - this.#began + MIN_GRACE_PERIOD_MS + more;
  }
}
