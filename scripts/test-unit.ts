/**
 * Runs the unit tests: `npm test [-- FILE…]`. Many of them wait (for a retry, a poll, a program), and few need a process of
 * their own: so the files are dealt out to some processes, each of which runs its share one after another.
 */
import { spawn } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { argv, execPath, exit, stdout } from 'node:process';

const ALL = 'test/unit/**/*.test.ts';
const COUNTS = ['tests', 'suites', 'pass', 'fail', 'cancelled', 'skipped', 'todo'];
const OPTIONS = [
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

function runShare(share: number, of: number, files: readonly string[]): Promise<Ended> {
  const child = spawn(execPath, [...OPTIONS, `--test-shard=${share}/${of}`, ...files], {
    stdio: ['ignore', 'pipe', 'inherit'],
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
const files = argv.slice(2);
const shares = files.length > 0 ? 1 : 2 * Math.min(availableParallelism(), 4);
const ended = await Promise.all(
  Array.from({ length: shares }, (_, index) => runShare(index + 1, shares, files.length > 0 ? files : [ALL])),
);
const sums = COUNTS.map((name) => ({ name, sum: ended.reduce((sum, { text }) => sum + countOf(text, name), 0) }));
stdout.write(`\nall ${shares} processes:\n${sums.map(({ name, sum }) => `ℹ ${name} ${sum}\n`).join('')}`);
stdout.write(`ℹ duration_ms ${Math.round(performance.now() - began)}\n`);
// A process whose summary is not there has not run its tests to the end.
exit(ended.every(({ status }) => status === 0) && sums.every(({ sum }) => Number.isInteger(sum)) ? 0 : 1);
