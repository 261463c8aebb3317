import { type Ended, KFLOW, type RunOptions, runProcess } from './run-process.ts';

export interface Bounded extends Ended {
  /** Resident memory at its highest, in MiB. */
  readonly peakMib: number;
  /** Of the processor: on a busy machine the clock says nothing. */
  readonly cpuSeconds: number;
}

// Not maxRSS of its usage: that counts what the parent had when it forked.
const TELL = `import { readFileSync } from 'node:fs';
process.on('exit', () => {
  const peak = /^VmHWM:\\s+(\\d+)/m.exec(readFileSync('/proc/self/status', 'utf8'))[1];
  const { userCPUTime, systemCPUTime } = process.resourceUsage();
  process.stderr.write('\\nUSED ' + peak + ' ' + (userCPUTime + systemCPUTime) + '\\n');
});`;

/** The shipped program in a process with a heap of so many MiB, and what it needed. */
export async function runBounded(args: readonly string[], heapMib: number, options?: RunOptions): Promise<Bounded> {
  const node = [`--max-old-space-size=${heapMib}`, '--import', `data:text/javascript,${encodeURIComponent(TELL)}`];
  const ended = await runProcess(process.execPath, [...node, KFLOW, ...args], options);
  const used = /\nUSED (\d+) (\d+)\n$/.exec(ended.err);
  if (used === null) throw new Error(`the process ended by itself: ${ended.status}\n${ended.err.slice(-2000)}`);
  const err = ended.err.slice(0, used.index);
  return { ...ended, err, peakMib: Number(used[1]) / 1024, cpuSeconds: Number(used[2]) / 1e6 };
}
