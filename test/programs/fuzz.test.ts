/** The fuzzer itself: whatever an input does to the process that tries it, the input is found, saved and made shorter. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { until } from '../lab/until.ts';
import { runProcess } from '../unit/client/cli/commands/run-process.ts';

const MAIN = fileURLToPath(new URL('../fuzz/main.ts', import.meta.url));

/** What a target does with an input that has a "!". */
const DEEDS = {
  throws: 'throw new TypeError("a fault")',
  loops: 'for (;;);',
  waits: 'await new Promise((resolve) => setTimeout(resolve, 2 ** 31 - 1))',
  'takes all memory': 'const kept = []; for (;;) kept.push({ text: "x" + kept.length })',
  exits: 'process.exit(0)',
  rejects: 'void Promise.reject(new Error("nobody waits"))',
  'throws later':
    'setImmediate(() => { throw new Error("later") }); await new Promise((resolve) => setTimeout(resolve, 20))',
};

function folderOf(t: TestContext, deed: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'kflow-fuzz-test-'));
  t.after(() => rmSync(folder, { recursive: true }));
  writeFileSync(
    join(folder, 'targets.mjs'),
    `export const TARGETS = [{ name: 'tried', maxBytes: 64, corpus: [Buffer.from('well'), Buffer.from('a long input!, with a fault')],
       run: async (bytes) => { if (bytes.includes('!')) { ${deed} } } }];`,
  );
  return folder;
}

const argsOf = (folder: string, ...more: string[]) => [
  MAIN,
  '--targets',
  join(folder, 'targets.mjs'),
  '--failures',
  join(folder, 'failures'),
  '--limit',
  '2000',
  '--seed',
  '1',
  ...more,
];

for (const [what, deed, words] of [
  ['throws', DEEDS.throws, /TypeError: a fault/],
  ['loops for ever', DEEDS.loops, /it does not come to an end in 2 s/],
  ['waits for ever', DEEDS.waits, /it does not come to an end in 2 s/],
  ['takes all memory', DEEDS['takes all memory'], /it takes more than 768 MiB|it does not come to an end/],
  ['ends the process', DEEDS.exits, /the process ended with status 0/],
  ['rejects where nobody waits', DEEDS.rejects, /unhandled rejection: Error: nobody waits/],
  ['throws when nobody listens', DEEDS['throws later'], /uncaught exception: Error: later/],
] as const)
  test(`an input that ${what} is found, saved and made shorter`, { timeout: 120_000 }, async (t) => {
    const folder = folderOf(t, deed);
    const { status, err } = await runProcess(process.execPath, argsOf(folder, '--minutes', '0.5'));
    assert.equal(status, 1, err);
    assert.match(err, /^tried: input 1 fails/m);
    assert.match(err, words);
    const [saved = '', ...others] = readdirSync(join(folder, 'failures'));
    assert.deepEqual(others, []);
    const least = readFileSync(join(folder, 'failures', saved), 'utf8');
    assert.ok(least.includes('!'));
    assert.ok(least.length < 'a long input!, with a fault'.length, least);
  });

test('an input that fails only after others were tried is the one that is saved', { timeout: 120_000 }, async (t) => {
  const folder = folderOf(t, 'setTimeout(() => { throw new Error("much later") }, 50)');
  const { status, err } = await runProcess(process.execPath, argsOf(folder, '--minutes', '0.5'));
  assert.equal(status, 1, err);
  assert.match(err, /uncaught exception: Error: much later/);
  const [saved = ''] = readdirSync(join(folder, 'failures'));
  assert.ok(readFileSync(join(folder, 'failures', saved), 'utf8').includes('!'), saved);
});

test('inputs that are all well end with 0', async (t) => {
  const folder = folderOf(t, 'if (process.env.NEVER) throw 1');
  const { status, out, err } = await runProcess(process.execPath, argsOf(folder, '--minutes', '0.02'));
  assert.deepEqual([status, err], [0, '']);
  assert.match(out, /^seed 1: .*\ntried: \d{2,} inputs\n$/);
});

for (const [what, deed] of [
  ['well', 'await 0'],
  ['one that loops', DEEDS.loops],
] as const)
  test(`Ctrl-C leaves no process and no folder: ${what}`, async (t) => {
    const folder = folderOf(t, deed);
    const fuzz = spawn(process.execPath, argsOf(folder, '--limit', '60000'), {
      stdio: ['ignore', 'pipe', 'inherit'],
      env: { ...process.env, TMPDIR: folder },
    });
    const ended = once(fuzz, 'close');
    await once(fuzz.stdout, 'data');
    const children = () => childrenOf(fuzz.pid ?? 0);
    const workers = await until('a worker', 20_000, () => {
      assert.ok(children().length > 0);
      return children();
    });
    await new Promise((resolve) => setTimeout(resolve, 500));
    fuzz.kill('SIGINT');
    assert.deepEqual(await ended, [130, null]);
    await until('no worker', 10_000, () => assert.ok(workers.every((pid) => !existsSync(`/proc/${pid}`))));
    assert.deepEqual(readdirSync(folder), ['targets.mjs']);
  });

function childrenOf(pid: number): string[] {
  return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean);
}
