/**
 * Puts small faults into the source, one at a time, and tells which of them no test finds. StrykerJS does it; this script
 * chooses what to mutate and which tests are nearest, and keeps to a time.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, normalize, relative } from 'node:path';
import { parseArgs } from 'node:util';
import { sample } from './mutation-sample.ts';

const HELP = `npm run test:mutation -- src/client/query              every file there
npm run test:mutation -- --since HEAD~5               the lines that changed since then
npm run test:mutation -- --minutes 5 src/client/cli   at most so long; says what it did not come to
npm run test:mutation -- --sample 50 src/client/cli   50 faults by chance (--seed S: the same again), and how many were found

Prints the faults that no unit test finds ("Survived", "NoCoverage"). Texts and regular expressions are left as they are.
`;
/** A test file that imports the mutated one through more files than this is not near it. */
const MAX_DISTANCE = 6;
const MAX_TEST_FILES = 24;
/** Of a module that is loaded: types are not. */
const IMPORT = /^(?:import|export)(?! type )[^;]*?from '(\.[^']+\.ts)'|import\('(\.[^']+\.ts)'\)/gm;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    since: { type: 'string' },
    minutes: { type: 'string' },
    sample: { type: 'string' },
    seed: { type: 'string', default: '1' },
    help: { type: 'boolean', short: 'h' },
  },
});
if (values.help === true || (values.since === undefined && positionals.length === 0)) {
  process.stdout.write(HELP);
  process.exit(values.help === true ? 0 : 2);
}

const minutes = Number(values.minutes ?? Number.POSITIVE_INFINITY);
if (!(minutes > 0)) {
  process.stderr.write(`mutation: --minutes ${values.minutes}: expected a number above 0\n`);
  process.exit(2);
}

const end = performance.now() + minutes * 60_000;
const importers = importersOf([...filesBelow('src'), ...filesBelow('test/unit')]);
if (values.sample !== undefined) {
  const count = Number(values.sample);
  const seed = Number(values.seed);
  if (!(Number.isInteger(count) && count > 0 && Number.isInteger(seed))) {
    process.stderr.write(`mutation: --sample ${values.sample} --seed ${values.seed}: expected whole numbers\n`);
    process.exit(2);
  }
  await sample(
    { chosen: values.since === undefined ? wholeFiles(positionals) : changedLines(values.since), count, seed, end },
    nearestTests,
  );
  process.exit();
}

const folder = mkdtempSync(join(tmpdir(), 'kflow-mutation-'));
const skipped: string[] = [];
try {
  for (const [file, ranges] of values.since === undefined ? wholeFiles(positionals) : changedLines(values.since)) {
    const left = end - performance.now();
    if (left <= 0) skipped.push(file);
    else mutate(file, ranges, left);
  }
} finally {
  rmSync(folder, { recursive: true });
}
if (skipped.length > 0) process.stdout.write(`\nno time for: ${skipped.join(', ')}\n`);

function mutate(file: string, ranges: readonly string[], timeoutMs: number): void {
  const tests = nearestTests(file);
  process.stdout.write(`\n== ${ranges.join(', ')}: ${tests.length} test files\n`);
  if (tests.length === 0) {
    process.stdout.write('no unit test imports it\n');
    return;
  }
  const config = join(folder, 'stryker.json');
  writeFileSync(
    config,
    JSON.stringify({
      testRunner: 'tap',
      plugins: ['@stryker-mutator/tap-runner'],
      tap: { testFiles: tests, nodeArgs: ['--test-reporter=tap', '-r', '{{hookFile}}', '{{testFile}}'] },
      mutate: ranges,
      mutator: { excludedMutations: ['StringLiteral', 'Regex'] },
      coverageAnalysis: 'perTest',
      reporters: ['clear-text'],
      clearTextReporter: { allowColor: false, logTests: false, reportTests: false, reportScoreTable: true },
      // TypeScript 7 has none of the functions that Stryker would call; Node runs the sources as they are.
      tsconfigFile: 'none.json',
      disableTypeChecks: false,
      // Node does not strip types from what is below node_modules.
      tempDirName: '.stryker',
      allowEmpty: true,
    }),
  );
  const stryker = join('node_modules', '@stryker-mutator', 'core', 'bin', 'stryker.js');
  const { error } = spawnSync(process.execPath, [stryker, 'run', config], {
    stdio: 'inherit',
    ...(Number.isFinite(timeoutMs) ? { timeout: Math.ceil(timeoutMs) } : {}),
  });
  if (error !== undefined) process.stdout.write(`${file}: not finished: ${error.message}\n`);
}

/** The unit tests that import it, by however few files, the nearest first. */
function nearestTests(file: string): string[] {
  const found: string[] = [];
  const seen = new Set([file]);
  let edge = [file];
  for (let distance = 1; distance <= MAX_DISTANCE && found.length < MAX_TEST_FILES; distance++) {
    edge = edge.flatMap((one) => [...(importers.get(one) ?? [])]).filter((one) => !seen.has(one));
    for (const one of edge) seen.add(one);
    edge = [...new Set(edge)];
    found.push(...edge.filter((one) => one.endsWith('.test.ts')));
  }
  return found.slice(0, MAX_TEST_FILES);
}

/** By file, the files that import it, types left out. */
function importersOf(files: readonly string[]): Map<string, Set<string>> {
  const importers = new Map<string, Set<string>>();
  for (const file of files)
    for (const [, named, loaded] of readFileSync(file, 'utf8').matchAll(IMPORT)) {
      const path = named ?? loaded ?? '';
      const target = normalize(join(dirname(file), path));
      const known = importers.get(target) ?? new Set();
      importers.set(target, known.add(file));
    }
  return importers;
}

function wholeFiles(paths: readonly string[]): [string, string[]][] {
  const files = paths.flatMap((path) => (statSync(path).isDirectory() ? filesBelow(path) : [relative('.', path)]));
  return files.filter(isMutated).map((file) => [file, [file]]);
}

function changedLines(since: string): [string, string[]][] {
  const { status, stdout, stderr } = spawnSync('git', ['diff', '-U0', '--no-color', since, '--', 'src'], {
    encoding: 'utf8',
    maxBuffer: 1 << 28,
  });
  if (status !== 0) throw new Error(`git diff ${since}: ${stderr.trim()}`);
  const found = new Map<string, string[]>();
  let file = '';
  for (const line of stdout.split('\n')) {
    file = /^\+\+\+ b\/(.*)$/.exec(line)?.[1] ?? file;
    const [, from = '', count = '1'] = /^@@ -\S+ \+(\d+)(?:,(\d+))? @@/.exec(line) ?? [];
    if (from === '' || count === '0' || !isMutated(file)) continue;
    const range = `${file}:${from}-${Number(from) + Number(count) - 1}`;
    found.set(file, [...(found.get(file) ?? []), range]);
  }
  return [...found];
}

function isMutated(file: string): boolean {
  return file.endsWith('.ts') && !file.endsWith('.d.ts') && !file.includes('/gen/');
}

function filesBelow(path: string): string[] {
  return readdirSync(path, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
    .map((entry) => relative('.', join(entry.parentPath, entry.name)))
    .toSorted();
}
