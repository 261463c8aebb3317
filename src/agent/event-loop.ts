/**
 * Returns the user and system time of this process, in milliseconds. The cost of polling is CPU time, not elapsed time: on a busy
 * node, time passes while the agent waits for a core.
 */
export function cpuTimeMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

/** Maximum time that work holds the event loop, in milliseconds, give or take one step. */
const SLICE_MS = 2;

/** Runs the steps, and yields to the event loop every few milliseconds. Resolves with the CPU time used. */
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

/** Yields to the event loop, and continues in its next turn. */
export function yieldToEventLoop(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
