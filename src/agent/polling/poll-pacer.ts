/**
 * Decides when the next poll is due: one interval after the start of the last one, or later if polling would use more than its
 * share of one core. Times are milliseconds of a monotonic clock.
 */
export class PollPacer {
  /** The current interval. */
  intervalMs: number;
  /** Whether a due poll was skipped between the last two polls. */
  skipped = false;
  readonly #configuredMs: number;
  readonly #maxDuty: number;
  #beganAt = Number.NaN;
  #busyMs = 0;

  constructor(intervalMs: number, maxDuty: number) {
    this.intervalMs = intervalMs;
    this.#configuredMs = intervalMs;
    this.#maxDuty = maxDuty;
  }

  /** Whether the interval is longer than the configured one. */
  get isThrottled(): boolean {
    return this.intervalMs > this.#configuredMs;
  }

  pollStarted(now: number): void {
    // A timer is never early and a little late, so a small delay does not count as a skipped poll.
    this.skipped = now - this.#beganAt >= this.#configuredMs * 1.5;
    this.#beganAt = now;
  }

  /** `busyMs`: CPU time of the poll. */
  pollEnded(busyMs: number): void {
    // An expensive poll counts at once, a cheap one gradually, so that the interval stays steady.
    this.#busyMs = Math.max(busyMs, (this.#busyMs + busyMs) / 2);
    this.intervalMs = Math.max(this.#configuredMs, this.#busyMs / this.#maxDuty);
  }

  /** Returns the milliseconds until the next poll. */
  nextDelayMs(now: number): number {
    return Math.max(0, this.#beganAt + this.intervalMs - now);
  }
}
