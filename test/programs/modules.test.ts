import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';

const path = (name: string) => fileURLToPath(new URL(`../../${name}`, import.meta.url));
const MAIN = path('src/client/main.ts');
const BUILT = path('dist/client/main.js');
const BUILD = path('scripts/build.ts');
const EXAMPLE = path('examples/shop.kflow');
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
function loaded(args: readonly string[], program = MAIN): { packages: string[]; modules: string[] } {
  const list = join(folder, 'loaded');
  writeFileSync(list, '');
  execFileSync(process.execPath, ['--import', join(folder, 'spy.mjs'), program, ...args], {
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

describe('as it is shipped', () => {
  before(() => execFileSync(process.execPath, [BUILD]));

  for (const args of [['--version'], ['--help'], ['flows', '--help']])
    test(`kflow ${args.join(' ')} loads the entry and a few small files, with one package in them`, () => {
      const files = loadedFiles(args);
      assert.deepEqual(packagesIn(files), ['commander']);
      assert.ok(files.length <= 6, files.join('\n'));
      assert.ok(sizeOf(files) < 200_000, `${sizeOf(files)} bytes`);
    });

  test('kflow completion loads no Kubernetes client, nor gRPC, nor what draws', () => {
    const packages = packagesIn(loadedFiles(['completion', 'bash']));
    assert.deepEqual(
      packages.filter((name) => /kubernetes|grpc|blessed|rxjs/.test(name)),
      [],
    );
  });

  test('what reads a recording loads neither the agent, nor the Kubernetes client, nor what draws', () => {
    const files = loadedFiles(['flows', '--recording', EXAMPLE]);
    const packages = packagesIn(files);
    assert.ok(packages.includes('rxjs'), packages.join());
    assert.deepEqual(
      packages.filter((name) => /kubernetes|health-check|reflection|blessed/.test(name)),
      [],
    );
    // Each file takes node half a millisecond.
    assert.ok(files.length < 30, files.join('\n'));
  });
});

/** The files that a command of the built program loads. */
function loadedFiles(args: readonly string[]): string[] {
  return loaded(args, BUILT)
    .modules.filter((url) => url.startsWith('file:'))
    .map((url) => fileURLToPath(url));
}

/** Of what they are made: esbuild says at each module where it comes from. */
function packagesIn(files: readonly string[]): string[] {
  const names = files.flatMap((file) =>
    [...readFileSync(file, 'utf8').matchAll(/^ *\/\/ .*?node_modules\/((?:@[^/\n]+\/)?[^/\n]+)/gm)].map(
      ([, name = '']) => name,
    ),
  );
  return [...new Set(names)].sort();
}

function sizeOf(files: readonly string[]): number {
  return files.reduce((sum, file) => sum + statSync(file).size, 0);
}
