import { MAX_IDLE_MESSAGES_PER_SECOND, MAX_IDLE_SECONDS } from '../model/limits.ts';

/** Counts messages that change nothing. Many in one second can follow a stall; no honest agent sends many in each of ten seconds. */
export class IdleMessageLimit {
  #second = 0;
  #inSecond = 0;
  /** Seconds in a row that had too many, before this one. */
  #busySeconds = 0;

  /** `now`: milliseconds. Returns whether there are too many. */
  addMessage(now: number): boolean {
    const second = Math.floor(now / 1000);
    if (second !== this.#second) {
      const isNext = second === this.#second + 1;
      const wasBusy = this.#inSecond > MAX_IDLE_MESSAGES_PER_SECOND;
      this.#busySeconds = isNext && wasBusy ? this.#busySeconds + 1 : 0;
      this.#second = second;
      this.#inSecond = 0;
    }
    this.#inSecond++;
    return this.#inSecond > MAX_IDLE_MESSAGES_PER_SECOND && this.#busySeconds >= MAX_IDLE_SECONDS - 1;
  }
}
