/**
 * `npm run bench [-- [--check] NAME …]`: runs the benches of this folder, or those that are named, one after another. `--check`: fails
 * where a ratio that does not depend on the machine misses its limit.
 */
import { readdirSync } from 'node:fs';

const wanted = process.argv.slice(2).filter((word) => word !== '--check');
const names = readdirSync(import.meta.dirname)
  .filter((file) => file.endsWith('.ts') && !['entries.ts', 'main.ts', 'verdict.ts'].includes(file))
  .map((file) => file.slice(0, -'.ts'.length))
  .filter((name) => wanted.length === 0 || wanted.includes(name));
if (names.length === 0) {
  process.stderr.write(`bench: there is none called ${wanted.join(', ')}\n`);
  process.exitCode = 2;
}
for (const name of names) {
  const bench = (await import(`./${name}.ts`)) as { run?: () => void | Promise<void> };
  await bench.run?.();
}
