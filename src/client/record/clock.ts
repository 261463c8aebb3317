/** A clock that does not jump, and a way to wait by it. */
export interface Clock {
  /** Milliseconds. */
  now(): number;
  /** Resolves after that time, or when it is aborted. */
  sleep(ms: number, signal: AbortSignal): Promise<void>;
}

/** Timers take no longer times. */
const LONGEST_MS = 2 ** 31 - 1;

export const realClock: Clock = {
  now: () => performance.now(),
  sleep: (ms, signal) =>
    new Promise((resolve) => {
      const done = () => {
        clearTimeout(timer);
        signal.removeEventListener('abort', done);
        resolve();
      };
      const timer = setTimeout(done, Math.min(ms, LONGEST_MS));
      signal.addEventListener('abort', done);
      if (signal.aborted) done();
    }),
};
