/**
 * Lets those who have work that takes milliseconds take turns, one in each turn of the event loop, first come first
 * served: fifty subscribers that are due at once do not hold the loop for fifty times as long as one.
 */
export class TurnQueue {
  #waiting: (() => void)[] = [];

  /** Resolves when it is the caller's turn. */
  next(): Promise<void> {
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
