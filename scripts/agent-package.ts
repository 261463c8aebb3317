/**
 * Cuts ./package.json down to what the sources in ./src import, so that `npm prune` leaves only that. Dockerfile.daemon
 * runs it beside the agent's sources alone: nobody has to keep a second list of dependencies.
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';

const IMPORTED = /^(?:import|export)\s(?!type\b)[^;]*?from\s+'([^'.][^']*)'|\bimport\('([^'.][^']*)'\)/gm;

const imported = new Set<string>();
for (const path of readdirSync('src', { recursive: true, encoding: 'utf8' })) {
  if (!path.endsWith('.ts')) continue;
  for (const [, fixed, dynamic] of readFileSync(`src/${path}`, 'utf8').matchAll(IMPORTED)) {
    const specifier = fixed ?? dynamic ?? '';
    if (!specifier.startsWith('node:')) {
      imported.add(
        specifier
          .split('/')
          .slice(0, specifier.startsWith('@') ? 2 : 1)
          .join('/'),
      );
    }
  }
}

const read = JSON.parse(readFileSync('package.json', 'utf8'));
const { name, version, license, type, engines } = read;
const dependencies = { ...read.dependencies, ...read.optionalDependencies };
const unknown = [...imported].filter((dependency) => dependencies[dependency] === undefined);
if (unknown.length > 0) throw new Error(`imported, but not a dependency: ${unknown.join(', ')}`);
const keep = (isOptional: boolean) =>
  Object.fromEntries(
    [...imported]
      .filter((dependency) => (read.optionalDependencies[dependency] !== undefined) === isOptional)
      .sort()
      .map((dependency) => [dependency, dependencies[dependency]]),
  );
writeFileSync(
  'package.json',
  `${JSON.stringify({ name, version, license, type, engines, dependencies: keep(false), optionalDependencies: keep(true) }, null, 2)}\n`,
);
console.log(`the agent depends on ${[...imported].sort().join(', ')}`);
