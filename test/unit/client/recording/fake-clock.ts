import { setImmediate } from 'node:timers/promises';
import type { Clock } from '../../../../src/client/recording/clock.ts';

const STEP_MS = 250;

/** Time continues only where a test says so. */
export class FakeClock implements Clock {
  #now = 0;
  #sleepers: { until: number; wake: () => void }[] = [];

  now(): number {
    return this.#now;
  }

  /** Somebody waits for time to continue: what was to be read until now is read. */
  get isAwaited(): boolean {
    return this.#sleepers.length > 0;
  }

  sleep(ms: number, signal: AbortSignal): Promise<void> {
    if (signal.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      const sleeper = { until: this.#now + ms, wake: resolve };
      this.#sleepers.push(sleeper);
      signal.addEventListener('abort', () => {
        this.#sleepers = this.#sleepers.filter((one) => one !== sleeper);
        resolve();
      });
    });
  }

  /** All that does not wait for time has been done, however slow this machine is. */
  async settled(): Promise<void> {
    for (let turn = 0; turn < 1_000; turn++) {
      await setImmediate();
      if (this.isAwaited) return;
    }
  }

  /** In steps, with time for what is done in each. */
  async pass(ms: number, each: () => Promise<void> = () => this.settled()): Promise<void> {
    for (let rest = ms; rest > 0; rest -= STEP_MS) {
      this.#now += Math.min(rest, STEP_MS);
      const due = this.#sleepers.filter(({ until }) => until <= this.#now);
      this.#sleepers = this.#sleepers.filter((one) => !due.includes(one));
      for (const { wake } of due) wake();
      await each();
    }
  }
}

/** All that does not wait for time has been done. */
export async function settled(): Promise<void> {
  await setImmediate();
}
