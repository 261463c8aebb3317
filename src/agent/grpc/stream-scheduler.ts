/**
 * Schedules streams that each need milliseconds of work: one per turn of the event loop, in order of arrival. So fifty
 * subscribers that are due at once do not block the loop fifty times as long as one.
 */
export class StreamScheduler {
  #waiting: (() => void)[] = [];

  /** Resolves when it is the caller's turn. */
  nextTurn(): Promise<void> {
    return new Promise((resolve) => {
      this.#waiting.push(resolve);
      if (this.#waiting.length === 1) setImmediate(() => this.#serve());
    });
  }

  #serve(): void {
    const [first, ...others] = this.#waiting;
    this.#waiting = others;
    if (others.length > 0) setImmediate(() => this.#serve());
    first?.();
  }
}
