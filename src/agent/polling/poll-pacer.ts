/**
 * When the next poll is due: an interval after the last one began, or later where polling would else take more than its
 * share of one core. Times are milliseconds of a monotonic clock.
 */
export class PollPacer {
  /** The interval now in force. */
  intervalMs: number;
  /** Between the last poll and the one before, one that was due did not take place. */
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

  /** Whether the interval is longer than it was asked for. */
  get isThrottled(): boolean {
    return this.intervalMs > this.#configuredMs;
  }

  pollStarted(now: number): void {
    // A timer is never early and a little late: what is due at the next interval is not skipped by that.
    this.skipped = now - this.#beganAt >= this.#configuredMs * 1.5;
    this.#beganAt = now;
  }

  /** `busyMs`: what the poll took from the core. */
  pollEnded(busyMs: number): void {
    // An expensive poll counts at once, a cheap one only by and by: so that the interval stays steady.
    this.#busyMs = Math.max(busyMs, (this.#busyMs + busyMs) / 2);
    this.intervalMs = Math.max(this.#configuredMs, this.#busyMs / this.#maxDuty);
  }

  /** Milliseconds from now to the next poll. */
  nextDelayMs(now: number): number {
    return Math.max(0, this.#beganAt + this.intervalMs - now);
  }
}
