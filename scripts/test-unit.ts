/**
 * Runs the unit tests: `npm test [-- FILE…]`. Many of them wait (for a retry, a poll, a program), and few need a process of
 * their own: so the files are dealt out to some processes, each of which runs its share one after another.
 */
import { spawn } from 'node:child_process';
import { existsSync, globSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { argv, env, execPath, exit, stdout } from 'node:process';
import { fileURLToPath } from 'node:url';

const ALL = 'test/unit/**/*.test.ts';
/** Files that take long, in seconds, so that the shares are alike. Others take a third of a second. */
const SECONDS: Readonly<Record<string, number>> = {
  'client/kubernetes/port-forward/port-forwarder': 8,
  'agent/faults': 6,
  'client/cli/commands/cluster-source': 6,
  'client/cli/commands/overview': 6,
  'client/cli/commands/resolve': 6,
  'client/cli/commands/dead-ends': 5,
  'client/cli/commands/half-seen': 5,
  'agent/settings': 4,
  'client/kubernetes/informer': 4,
  'client/tui/every-action': 9,
  'client/cli/commands/doctor-cluster': 3,
  'client/cli/commands/hostile-text': 3,
  'client/cli/commands/imposter': 3,
  'client/cli/commands/unread-lines': 3,
  'client/kubernetes/informer-backoff': 3,
  'client/names/kubernetes/kubernetes-names': 3,
  'agent/grpc/health-watch': 2,
  'client/cli/commands/install-cluster': 2,
  'client/cli/run': 2,
  'client/recording/laws': 2,
  'client/tui/closing': 3,
  'client/tui/state-drawn': 3,
  'client/tui/sideways': 3,
  'client/tui/styled-screens': 3,
  'client/tui/filter-rows': 2,
};
const COUNTS = ['tests', 'suites', 'pass', 'fail', 'cancelled', 'skipped', 'todo'];
/** Types are stripped and code is compiled once, not in every process and run. */
const COMPILED = fileURLToPath(new URL('../node_modules/.cache/kflow-test', import.meta.url));
const OPTIONS = [
  '--max-semi-space-size=32',
  '--test',
  '--test-isolation=none',
  '--test-timeout=60000',
  ...['spec', './test/skips.ts'].flatMap((reporter) => [
    `--test-reporter=${reporter}`,
    '--test-reporter-destination=stdout',
  ]),
];

interface Ended {
  readonly status: number;
  readonly text: string;
}

/** The files in `count` shares that take about as long: the longest first, each to the share that has least. */
function dealt(files: readonly string[], count: number): string[][] {
  const secondsOf = (file: string) => SECONDS[file.slice('test/unit/'.length, -'.test.ts'.length)] ?? 1 / 3;
  const shares = Array.from({ length: count }, () => ({ seconds: 0, files: [] as string[] }));
  for (const file of files.toSorted((a, b) => secondsOf(b) - secondsOf(a))) {
    const least = shares.reduce((a, b) => (b.seconds < a.seconds ? b : a));
    least.seconds += secondsOf(file);
    least.files.push(file);
  }
  // Some begin with what waits, and others with what works.
  return shares.map(({ files: own }, index) => (index % 2 === 0 ? own : own.reverse()));
}

function runShare(files: readonly string[]): Promise<Ended> {
  const child = spawn(execPath, [...OPTIONS, ...files], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { NODE_COMPILE_CACHE: COMPILED, ...env },
  });
  let text = '';
  child.stdout.setEncoding('utf8').on('data', (piece: string) => {
    text += piece;
  });
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (status) => {
      stdout.write(text);
      resolve({ status: status ?? 1, text });
    });
  });
}

function countOf(text: string, name: string): number {
  return Number(text.match(new RegExp(`^ℹ ${name} (\\d+)$`, 'm'))?.[1] ?? Number.NaN);
}

const began = performance.now();
const named = argv.slice(2);
const stale = Object.keys(SECONDS).filter((name) => !existsSync(`test/unit/${name}.test.ts`));
if (stale.length > 0) throw new Error(`scripts/test-unit.ts: SECONDS has files that are gone: ${stale.join(', ')}`);
const shares = named.length > 0 ? [named] : dealt(globSync(ALL), 4 * Math.min(availableParallelism(), 4));
const ended = await Promise.all(shares.map(runShare));
const sums = COUNTS.map((name) => ({ name, sum: ended.reduce((sum, { text }) => sum + countOf(text, name), 0) }));
stdout.write(`\nall ${shares.length} processes:\n${sums.map(({ name, sum }) => `ℹ ${name} ${sum}\n`).join('')}`);
stdout.write(`ℹ duration_ms ${Math.round(performance.now() - began)}\n`);
// A process whose summary is not there has not run its tests to the end.
exit(ended.every(({ status }) => status === 0) && sums.every(({ sum }) => Number.isInteger(sum)) ? 0 : 1);
