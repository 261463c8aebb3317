import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { verdict } from './verdict.ts';

const RUNS = 15;
const LIMIT_MS = 150;
/** As it is shipped: node takes tens of milliseconds to strip types. */
const BUILT = fileURLToPath(new URL('../../dist/client/main.js', import.meta.url));

/** How long it takes, at best, until help and version are printed, beside node alone. */
export function run(): void {
  if (!existsSync(BUILT)) {
    process.stdout.write('start: left out: not built (npm run build)\n');
    return;
  }
  process.stdout.write(`start: node alone ${quickest(['-e', '']).toFixed(0)} ms\n`);
  for (const args of [['--version'], ['--help'], ['flows', '--help']])
    verdict(`kflow ${args.join(' ')}, the quickest of ${RUNS}`, quickest([BUILT, ...args]), LIMIT_MS, ' ms', 0);
}

/** A busy machine makes any run slow, and none quick. */
function quickest(args: readonly string[]): number {
  const times = Array.from({ length: RUNS }, () => {
    const began = performance.now();
    spawnSync(process.execPath, args);
    return performance.now() - began;
  });
  return Math.min(...times);
}

if (import.meta.main) run();
