import { type Ended, KFLOW, type RunOptions, runProcess } from './run-process.ts';

export interface Bounded extends Ended {
  /** Resident memory at its highest, in MiB. */
  readonly peakMib: number;
  readonly seconds: number;
}

const TELL = "process.on('exit', () => process.stderr.write('\\nPEAK ' + process.resourceUsage().maxRSS + '\\n'))";

/** The shipped program in a process with a heap of so many MiB, and what it needed. */
export async function runBounded(args: readonly string[], heapMib: number, options?: RunOptions): Promise<Bounded> {
  const node = [`--max-old-space-size=${heapMib}`, '--import', `data:text/javascript,${encodeURIComponent(TELL)}`];
  const began = performance.now();
  const ended = await runProcess(process.execPath, [...node, KFLOW, ...args], options);
  const peak = /\nPEAK (\d+)\n$/.exec(ended.err);
  if (peak === null) throw new Error(`the process ended by itself: ${ended.status}\n${ended.err.slice(-2000)}`);
  const err = ended.err.slice(0, peak.index);
  return { ...ended, err, peakMib: Number(peak[1]) / 1024, seconds: (performance.now() - began) / 1000 };
}
