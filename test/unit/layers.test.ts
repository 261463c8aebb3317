import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { KNOW_THE_AGENT, LAYERS, layerOf, withLayers } from '../../scripts/layers.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const FILES = globSync('src/**/*.ts', { cwd: ROOT }).filter((file) => !file.includes('/gen/'));
const IMPORT = /(?:from |import |import\()'(\.[^']*)'/g;
/** By file: what it imports of ours. */
const IMPORTS = new Map(
  FILES.map((file) => {
    const text = readFileSync(join(ROOT, file), 'utf8');
    return [file, Array.from(text.matchAll(IMPORT), ([, to = '']) => join(dirname(file), to))] as const;
  }),
);

test('no file imports what is below it in the list of layers', () => {
  const wrong: string[] = [];
  for (const [file, imports] of IMPORTS)
    for (const to of imports)
      if (!to.includes('/gen/') && layerOf(to) > layerOf(file)) wrong.push(`${file} imports ${to}`);
  assert.ok(IMPORTS.size > 200, 'files are found');
  assert.deepEqual(wrong, []);
});

test('the client knows the agent in two files', () => {
  const found = FILES.filter(
    (file) => file.startsWith('src/client/') && IMPORTS.get(file)?.some((to) => to.startsWith('src/agent/')),
  );
  assert.deepEqual(found.sort(), KNOW_THE_AGENT);
});

test('imports do not go in a circle', () => {
  const state = new Map<string, 'open' | 'done'>();
  const circles: string[] = [];
  const visit = (file: string, path: readonly string[]) => {
    if (state.get(file) === 'open') circles.push([...path.slice(path.indexOf(file)), file].join(' → '));
    if (state.has(file)) return;
    state.set(file, 'open');
    for (const to of IMPORTS.get(file) ?? []) visit(to, [...path, file]);
    state.set(file, 'done');
  };
  for (const file of FILES) visit(file, []);
  assert.deepEqual(circles, []);
});

test('every path in the list exists, and the lint rules are those of the list: npm run layers', () => {
  for (const { paths } of LAYERS)
    for (const path of paths)
      assert.ok(
        FILES.some((file) => file === path || file.startsWith(`${path}/`)),
        path,
      );
  const biome = readFileSync(join(ROOT, 'biome.json'), 'utf8');
  assert.deepEqual(JSON.parse(biome), JSON.parse(withLayers(biome)));
});
