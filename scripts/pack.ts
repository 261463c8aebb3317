/**
 * What npm runs around `npm pack`: the packed package.json names no library that the programs contain, so that nothing of it is installed
 * a second time, or for nothing. In the checkout they stay dependencies: they are what the programs are made of, and what
 * `npm sbom` and audits are to see. Optional ones are native, and not in the programs.
 *
 *   before    builds, and puts the short package.json in place
 *   after     puts the whole one back
 *   shorten   puts the short one in place for good: in an image
 *   publish   refuses: npm would publish a tarball with the short one under the whole one's dependencies
 */
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { argv, stderr } from 'node:process';
import { fileURLToPath } from 'node:url';
import { build } from './build.ts';

const file = (path: string) => fileURLToPath(new URL(`../${path}`, import.meta.url));
const PACKAGE = file('package.json');
const WHOLE = file('package.json.whole');

/** What is for those who develop kflow is not for those who use it. */
const LEFT_OUT = ['dependencies', 'devDependencies', 'scripts', 'allowScripts'];

export function shortened(text: string): string {
  const whole = Object.entries(JSON.parse(text) as Record<string, unknown>);
  return `${JSON.stringify(Object.fromEntries(whole.filter(([key]) => !LEFT_OUT.includes(key))), null, 2)}\n`;
}

function restore(): void {
  if (existsSync(WHOLE)) renameSync(WHOLE, PACKAGE);
}

async function before(): Promise<void> {
  // One that was cut off has left it so.
  restore();
  await build({ force: false, sourceMaps: true });
  const text = readFileSync(PACKAGE, 'utf8');
  writeFileSync(`${WHOLE}.new`, text);
  renameSync(`${WHOLE}.new`, WHOLE);
  writeFileSync(`${PACKAGE}.new`, shortened(text));
  renameSync(`${PACKAGE}.new`, PACKAGE);
}

if (import.meta.main) {
  const [when] = argv.slice(2);
  try {
    if (when === 'before') await before();
    else if (when === 'after') restore();
    else if (when === 'shorten') writeFileSync(PACKAGE, shortened(readFileSync(PACKAGE, 'utf8')));
    else throw new Error('publish the tarball: `npm pack`, then `npm publish kflow-VERSION.tgz`');
  } catch (error) {
    stderr.write(`pack: ${(error as Error).message}\n`);
    process.exitCode = 1;
  }
}
