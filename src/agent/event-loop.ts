/**
 * User and system time of this process, in milliseconds. What polling takes is measured by it and not by the clock: on a
 * node that is busy with other things the clock runs while the agent waits for its turn.
 */
export function cpuTimeMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

/** Lets the event loop do what else there is, and continues in its next turn. */
export function yieldToEventLoop(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
