/**
 * User and system time of this process, in milliseconds. What polling takes is reckoned by it and not by the clock: on a
 * node that is busy with other things the clock runs while the agent waits for its turn.
 */
export function cpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}
