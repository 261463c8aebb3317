import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';

const MAIN = fileURLToPath(new URL('../../src/client/main.ts', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'kflow-test-'));
after(() => rmSync(folder, { recursive: true }));

/** Writes down every module that is loaded. */
const SPY = `
import { appendFileSync } from 'node:fs';
import { registerHooks } from 'node:module';
registerHooks({ load: (url, context, next) => { appendFileSync(process.env.LOADED, url + '\\n'); return next(url, context); } });
`;
writeFileSync(join(folder, 'spy.mjs'), SPY);

/** Packages that a command line loads, and how many modules in all. */
function loaded(args: readonly string[]): { packages: string[]; modules: string[] } {
  const list = join(folder, 'loaded');
  writeFileSync(list, '');
  execFileSync(process.execPath, ['--import', join(folder, 'spy.mjs'), MAIN, ...args], {
    env: { ...process.env, LOADED: list },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const modules = readFileSync(list, 'utf8').split('\n').filter(Boolean);
  const packages = modules.flatMap((url) => /node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(url)?.[1] ?? []);
  return { packages: [...new Set(packages)].sort(), modules };
}

for (const args of [
  ['--version'],
  ['version'],
  ['--help'],
  ['help', 'flows'],
  ['flows', '--help'],
  ['install', '--help'],
])
  test(`kflow ${args.join(' ')} loads no package but the one that reads the command line`, () => {
    const { packages, modules } = loaded(args);
    assert.deepEqual(packages, ['commander']);
    assert.ok(modules.length < 60, `${modules.length} modules: ${modules.join('\n')}`);
  });

test('kflow completion loads neither the Kubernetes client, nor gRPC, nor what draws', () => {
  const { packages } = loaded(['completion', 'bash']);
  assert.deepEqual(
    packages.filter((name) => /kubernetes|grpc|blessed|rxjs/.test(name)),
    [],
  );
});
