/**
 * User and system time of this process, in milliseconds. What polling takes is measured by it and not by the clock: on a
 * node that is busy with other things the clock runs while the agent waits for its turn.
 */
export function cpuTimeMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

/** The longest that work holds the event loop, in milliseconds, give or take one step of it. */
const SLICE_MS = 2;

/** Goes through work, and lets the event loop do what else there is after every few milliseconds. Resolves with the CPU time that it took. */
export async function runInSlices(steps: Iterable<void>): Promise<number> {
  let busyMs = 0;
  let sliceStart = performance.now();
  let cpuStart = cpuTimeMs();
  for (const _ of steps) {
    if (performance.now() - sliceStart < SLICE_MS) continue;
    busyMs += cpuTimeMs() - cpuStart;
    await yieldToEventLoop();
    sliceStart = performance.now();
    cpuStart = cpuTimeMs();
  }
  return busyMs + cpuTimeMs() - cpuStart;
}

/** Lets the event loop do what else there is, and continues in its next turn. */
export function yieldToEventLoop(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
