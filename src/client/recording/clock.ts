import { longTimeout } from '../async/long-timer.ts';

/** A monotonic clock, and a timer that uses it. */
export interface Clock {
  /** Milliseconds. */
  now(): number;
  /** Resolves after that time, or when it is aborted. */
  sleep(ms: number, signal: AbortSignal): Promise<void>;
}

export const systemClock: Clock = {
  now: () => performance.now(),
  sleep: (ms, signal) =>
    new Promise((resolve) => {
      const done = () => {
        stop();
        signal.removeEventListener('abort', done);
        resolve();
      };
      const stop = longTimeout(done, ms);
      signal.addEventListener('abort', done);
      if (signal.aborted) done();
    }),
};
