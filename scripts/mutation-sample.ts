/**
 * `npm run test:mutation -- --sample N PATH…`: N of the faults that StrykerJS would put there, by chance, one at a time, and the nearest unit
 * tests in one process for each. StrykerJS itself starts a process for every test file: a folder takes it hours, and this some minutes.
 */
import { type SpawnSyncReturns, spawnSync } from 'node:child_process';
import { cpSync, globSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { execPath, stdout } from 'node:process';
import { Instrumenter } from '@stryker-mutator/instrumenter';

/** A fault that makes a program loop is found, too. */
const LIMIT_MS = 120_000;
/** The nearest are tried first: most faults are found by them. */
const MAX_TEST_FILES = 12;
const COPIED = [
  'src',
  'test',
  'proto',
  'k8s',
  'docs',
  'examples',
  'scripts',
  'package.json',
  'README.md',
  'CHANGELOG.md',
  'LICENSE',
];

interface Fault {
  readonly file: string;
  readonly line: number;
  readonly kind: string;
  readonly source: string;
}

export interface Sample {
  /** Each with what may be mutated of it: "src/a.ts", or "src/a.ts:3-7". */
  readonly chosen: readonly (readonly [file: string, ranges: readonly string[]])[];
  readonly count: number;
  readonly seed: number;
  /** By `performance.now()`: no other fault is tried then. */
  readonly end: number;
}

export async function sample(
  { chosen, count, seed, end }: Sample,
  testsOf: (file: string) => readonly string[],
): Promise<void> {
  const all = await Promise.all(chosen.map(([file, ranges]) => faultsOf(file, ranges)));
  const faults = picked(all.flat(), count, seed);
  const folder = mkdtempSync(join(tmpdir(), 'kflow-faults-'));
  let tried = 0;
  let found = 0;
  try {
    for (const path of COPIED) cpSync(path, join(folder, path), { recursive: true });
    symlinkSync(resolve('node_modules'), join(folder, 'node_modules'));
    for (const { file, line, kind, source } of faults) {
      if (performance.now() > end) break;
      tried++;
      const path = join(folder, file);
      const original = readFileSync(path);
      writeFileSync(path, source);
      const [near, far] = [testsOf(file).slice(0, MAX_TEST_FILES), testsOf(file).slice(MAX_TEST_FILES)];
      // Programs are started by tests that import nothing of them.
      const others = globSync(mirrored(file)).filter((one) => !near.includes(one) && !far.includes(one));
      const isFound = [near, far, others].some((files) => files.length > 0 && test(folder, files).status !== 0);
      writeFileSync(path, original);
      if (isFound) found++;
      else stdout.write(`not found: ${file}:${line} ${kind}\n${changed(original.toString('utf8'), source)}\n`);
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
  stdout.write(`seed ${seed}: ${found} of ${tried} faults found\n`);
}

/** The tests of the same part of the program: those of all commands for one of them. */
function mirrored(file: string): string {
  const [, program = '', part = ''] = file.split('/');
  return part.endsWith('.ts') ? `test/unit/${program}/*.test.ts` : `test/unit/${program}/${part}/**/*.test.ts`;
}

function test(folder: string, files: readonly string[]): SpawnSyncReturns<Buffer> {
  const args = ['--test', '--test-isolation=none', '--test-timeout=20000', '--test-reporter=dot', ...files];
  return spawnSync(execPath, args, {
    cwd: folder,
    timeout: LIMIT_MS,
    stdio: 'ignore',
    env: { ...process.env, NODE_TEST_CONTEXT: '' },
  });
}

async function faultsOf(file: string, ranges: readonly string[]): Promise<Fault[]> {
  const text = readFileSync(file, 'utf8');
  const logger = new Proxy({}, { get: () => () => false });
  const instrumenter = new Instrumenter(logger as never);
  const { mutants } = await instrumenter.instrument([{ name: file, mutate: true, content: text }], {
    plugins: [],
    excludedMutations: ['StringLiteral', 'Regex'],
    ignorers: [],
    noHeader: true,
  } as never);
  const lines = text.split('\n');
  const offset = ({ line, column }: { line: number; column: number }) =>
    lines.slice(0, line).reduce((sum, one) => sum + one.length + 1, 0) + column;
  const tried = mutants.filter(({ status }) => status !== 'Ignored');
  const lineRanges = ranges.flatMap((range) => {
    const [, from, to] = /:(\d+)-(\d+)$/.exec(range) ?? [];
    return from === undefined ? [] : [[Number(from), Number(to)] as const];
  });
  const isChosen = (line: number) =>
    lineRanges.length === 0 || lineRanges.some(([from, to]) => line >= from && line <= to);
  const inRange = tried.filter(({ location }) => isChosen(location.start.line + 1));
  return inRange.map(({ location, replacement, mutatorName }) => ({
    file,
    line: location.start.line + 1,
    kind: mutatorName,
    source: text.slice(0, offset(location.start)) + replacement + text.slice(offset(location.end)),
  }));
}

/** By chance, the same for a seed. */
function picked(faults: readonly Fault[], count: number, seed: number): Fault[] {
  const left = [...faults];
  let state = seed >>> 0;
  const some: Fault[] = [];
  while (some.length < count && left.length > 0) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    some.push(...left.splice(Math.floor((state / 2 ** 32) * left.length), 1));
  }
  return some;
}

function changed(before: string, after: string): string {
  const [old, now] = [before.split('\n'), after.split('\n')];
  const first = old.findIndex((line, index) => line !== now[index]);
  return `  - ${old[first]?.trim()}\n  + ${now[first]?.trim()}`;
}
