/**
 * To be imported by a process that is measured (`node --import`): it measures from one SIGUSR2 to the next, and writes a line to
 * stderr at each: "null", then what it measured, as `Gauge` of the agent's bench has it. It takes some 16 ms of CPU a second itself,
 * so what a poll costs is measured without it. It is no TypeScript: to strip types takes some 40 MiB.
 */
import { monitorEventLoopDelay } from 'node:perf_hooks';

// Finer, and the timers would cost as much as what is measured.
const RESOLUTION_MS = 4;

const delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
let since = process.cpuUsage();
/** The most CPU time that the event loop's thread took in one go: what a busy machine adds to a delay is not in it. */
let heldMaxMs = 0;
let ticking;

function tick() {
  let before = process.threadCpuUsage();
  return setInterval(() => {
    const { user, system } = process.threadCpuUsage(before);
    heldMaxMs = Math.max(heldMaxMs, (user + system) / 1000);
    before = process.threadCpuUsage();
  }, RESOLUTION_MS);
}

process.on('SIGUSR2', () => {
  if (ticking === undefined) {
    delay.reset();
    delay.enable();
    heldMaxMs = 0;
    ticking = tick();
    since = process.cpuUsage();
    process.stderr.write('gauge: null\n');
    return;
  }
  delay.disable();
  clearInterval(ticking);
  ticking = undefined;
  const { user, system } = process.cpuUsage(since);
  const gauge = {
    cpuMs: (user + system) / 1000,
    delayP99Ms: delay.percentile(99) / 1e6 - RESOLUTION_MS,
    delayMaxMs: delay.max / 1e6 - RESOLUTION_MS,
    heldMaxMs,
    rssMiB: process.memoryUsage.rss() / 2 ** 20,
  };
  process.stderr.write(`gauge: ${JSON.stringify(gauge)}\n`);
});
