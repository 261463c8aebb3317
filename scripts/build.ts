/**
 * `npm run build`: checks the types of the sources and bundles the programs into dist/, if anything changed since the last time. Several at
 * once do not disturb each other, nor programs that are started meanwhile.
 *
 *   --force            also where nothing changed
 *   --program NAME     this one alone (an image of the agent has the agent's sources alone)
 *   --no-source-maps
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { hashInputs, isBuilt, writePrograms, writeRecord } from './build/files.ts';

const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));

export interface BuildOptions {
  readonly force: boolean;
  readonly program?: string | undefined;
  readonly sourceMaps: boolean;
}

/** Throws where the sources have faults; then dist/ is as it was. */
export async function build({ force, program, sourceMaps }: BuildOptions): Promise<'built' | 'unchanged'> {
  const inputs = hashInputs(ROOT);
  if (inputs === undefined || (!force && program === undefined && isBuilt(ROOT, inputs))) return 'unchanged';
  const { bundle, PROGRAMS } = await import('./build/bundle.ts');
  const names = Object.keys(PROGRAMS);
  const wanted = names.filter((name) => program === undefined || name === program);
  if (wanted.length === 0) throw new Error(`there is no program ${program}: ${names.join(', ')}`);
  const [outputs] = await Promise.all([
    Promise.all(wanted.map(async (name) => [name, await bundle(ROOT, name, sourceMaps)] as const)),
    checkTypes(),
  ]);
  const files = writePrograms(ROOT, new Map(outputs));
  if (program === undefined) writeRecord(ROOT, inputs, files);
  return 'built';
}

/** Whether there is nothing to build. */
export function isUpToDate(): boolean {
  const inputs = hashInputs(ROOT);
  return inputs === undefined || isBuilt(ROOT, inputs);
}

/** Whether what the build needs is installed: `npm ci --omit=dev` leaves it out. */
export function canBuild(): boolean {
  return ['esbuild', 'typescript'].every((name) => existsSync(join(ROOT, 'node_modules', name)));
}

async function checkTypes(): Promise<void> {
  const compiler = spawn(join(ROOT, 'node_modules/.bin/tsc'), ['-p', 'tsconfig.build.json'], {
    cwd: ROOT,
    stdio: 'inherit',
  });
  const [status] = await once(compiler, 'exit');
  if (status !== 0) throw new Error('the types do not fit');
}

if (import.meta.main) {
  const { values } = parseArgs({
    options: {
      force: { type: 'boolean', default: false },
      program: { type: 'string' },
      'source-maps': { type: 'boolean', default: true },
    },
    allowNegative: true,
  });
  try {
    await build({ force: values.force, program: values.program, sourceMaps: values['source-maps'] });
  } catch (error) {
    process.stderr.write(`build: ${(error as Error).message}\n`);
    process.exitCode = 1;
  }
}
