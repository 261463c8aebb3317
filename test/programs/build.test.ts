import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, cpSync, mkdtempSync, readdirSync, rmSync, statSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const COPIED = ['src', 'scripts', 'proto', 'package.json', 'package-lock.json', 'tsconfig.json', 'tsconfig.build.json'];

const checkout = mkdtempSync(join(tmpdir(), 'kflow-build-'));
after(() => rmSync(checkout, { recursive: true }));
before(() => {
  for (const name of COPIED) cpSync(join(ROOT, name), join(checkout, name), { recursive: true });
  symlinkSync(join(ROOT, 'node_modules'), join(checkout, 'node_modules'));
});

const PREPARE = ['scripts/prepare.mjs'];
const PROGRAM = join(checkout, 'dist/client/main.js');

function run(args: readonly string[], env: NodeJS.ProcessEnv = {}) {
  const { status, stdout, stderr } = spawnSync(process.execPath, args, {
    cwd: checkout,
    encoding: 'utf8',
    env: { ...process.env, ...env },
  });
  return { status, text: stdout + stderr };
}

/** Each file of dist/, and when it was written. */
function written(): Map<string, number> {
  const files = readdirSync(join(checkout, 'dist'), { recursive: true, encoding: 'utf8' }).sort();
  return new Map(
    files
      .map((file) => [file, statSync(join(checkout, 'dist', file))] as const)
      .flatMap(([file, stat]) => (stat.isFile() ? [[file, stat.mtimeMs]] : [])),
  );
}

test('two that begin at once both succeed, and programs that are started meanwhile are whole', {
  timeout: 400_000,
}, async () => {
  assert.equal(run(PREPARE).status, 0);
  appendFileSync(join(checkout, 'src/version.ts'), '\nexport const another = 1;\n');
  const builds = [1, 2].map(() => spawn(process.execPath, PREPARE, { cwd: checkout, stdio: 'inherit' }));
  const ended = builds.map((build) => once(build, 'exit'));
  let starts = 0;
  while (builds.some(({ exitCode }) => exitCode === null)) {
    const { status, text } = await start();
    assert.equal(status, 0, text);
    starts++;
  }
  assert.deepEqual(
    (await Promise.all(ended)).flat().filter((end) => end !== null),
    [0, 0],
  );
  assert.ok(starts > 3, `${starts} starts`);
  assert.match(run([PROGRAM, '--help']).text, /^Usage: kflow/);
  assert.deepEqual(
    [...written().keys()].filter((file) => file.includes('unfinished')),
    [],
  );
});

test('where nothing changed nothing is written, and it takes a moment', () => {
  const before = written();
  assert.equal(run(PREPARE).status, 0);
  assert.deepEqual(written(), before);
});

test('what is gone is built again', () => {
  rmSync(PROGRAM);
  assert.equal(run(PREPARE).status, 0);
  assert.match(run([PROGRAM, '--help']).text, /^Usage: kflow/);
});

test('sources with a fault in their types leave what was built', () => {
  const before = written();
  appendFileSync(join(checkout, 'src/version.ts'), '\nexport const wrong: number = "";\n');
  const { status, text } = run(PREPARE);
  assert.equal(status, 1);
  assert.match(text, /src\/version\.ts.*TS2322/);
  assert.deepEqual(written(), before);
});

test('without the development packages: what is not built says what to do; what is built stays', () => {
  rmSync(join(checkout, 'node_modules'));
  const kept = run(PREPARE, { npm_config_omit: 'dev', npm_command: 'ci' });
  assert.deepEqual(kept, {
    status: 0,
    text: 'kflow is not built again: its build needs the development packages: run `npm ci` without --omit=dev\n',
  });
  rmSync(join(checkout, 'dist'), { recursive: true });
  const said = 'kflow is not built: its build needs the development packages: run `npm ci` without --omit=dev\n';
  assert.deepEqual(run(PREPARE, { npm_config_omit: 'dev', npm_command: 'ci' }), { status: 0, text: said });
  assert.deepEqual(run(PREPARE, { npm_config_omit: 'dev', npm_command: 'exec' }), { status: 1, text: said });
  assert.deepEqual(run(PREPARE, { npm_config_omit: '', NODE_ENV: '' }), { status: 1, text: said });
});

async function start(): Promise<{ status: number | null; text: string }> {
  const program = spawn(process.execPath, [PROGRAM, '--help'], { stdio: ['ignore', 'pipe', 'pipe'] });
  let text = '';
  program.stdout.on('data', (piece) => {
    text += piece;
  });
  program.stderr.on('data', (piece) => {
    text += piece;
  });
  const [status] = await once(program, 'close');
  return { status, text };
}
