import { setImmediate } from 'node:timers/promises';
import type { Clock } from '../../../../src/client/record/clock.ts';

const STEP_MS = 250;

/** Time goes on only where a test says so. */
export class FakeClock implements Clock {
  #now = 0;
  #sleepers: { until: number; wake: () => void }[] = [];

  now(): number {
    return this.#now;
  }

  sleep(ms: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      this.#sleepers.push({ until: this.#now + ms, wake: resolve });
      signal.addEventListener('abort', () => resolve());
      if (signal.aborted) resolve();
    });
  }

  /** In steps, with time for what is done in each. */
  async pass(ms: number, each: () => Promise<void> = settled): Promise<void> {
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
