/**
 * Makes what is derived from the proto, to be checked in: the types in `src/wire/gen`, and the descriptors that server
 * reflection serves. With `--check` it only compares, and exits 1 where a file is not what it would make.
 */
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { protoPath as healthProto } from 'grpc-health-check';
import { GENERATOR_ARGUMENTS } from '../src/wire/loader-options.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const TYPES = 'src/wire/gen';
const DESCRIPTORS = 'proto/descriptors.binpb';
const require = createRequire(import.meta.url);

function run(program: string, args: readonly string[]): void {
  execFileSync(join(ROOT, 'node_modules/.bin', program), args, { cwd: ROOT, stdio: ['ignore', 'ignore', 'inherit'] });
}

function generateTypes(directory: string): void {
  run('proto-loader-gen-types', [
    ...GENERATOR_ARGUMENTS,
    '--grpcLib=@grpc/grpc-js',
    '--importFileExtension=.ts',
    `--outDir=${directory}`,
    '--includeDirs=proto',
    '--',
    'kflow/v1/flows.proto',
  ]);
  for (const path of filesIn(directory)) {
    const text = readFileSync(join(directory, path), 'utf8').replace(/[ \t]+$/gm, '');
    writeFileSync(join(directory, path), `${text.trim()}\n`);
  }
}

/** Of all services that the agent serves: buf's descriptors, since those that protobufjs rebuilds break map fields. */
function generateDescriptors(file: string): void {
  const reflection = join(dirname(require.resolve('@grpc/reflection')), '../proto/grpc/reflection');
  const protos = mkdtempSync(join(tmpdir(), 'kflow-proto-'));
  try {
    cpSync(join(ROOT, 'proto/kflow'), join(protos, 'kflow'), { recursive: true });
    for (const version of ['v1', 'v1alpha'])
      cpSync(join(reflection, version), join(protos, 'grpc/reflection', version), { recursive: true });
    mkdirSync(join(protos, 'grpc/health/v1'), { recursive: true });
    cpSync(healthProto, join(protos, 'grpc/health/v1/health.proto'));
    run('buf', ['build', protos, '--as-file-descriptor-set', '-o', file]);
  } finally {
    rmSync(protos, { recursive: true });
  }
}

function filesIn(directory: string): string[] {
  return readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(directory.length + 1))
    .sort();
}

/** What differs between the files that are checked in and those just made, a line each. */
function differences(made: string): string[] {
  const found: string[] = [];
  const wanted = new Set(filesIn(made));
  for (const path of filesIn(join(ROOT, TYPES)).map((name) => join(TYPES, name)))
    if (!wanted.has(path)) found.push(`- ${path}: no proto makes it any more`);
  for (const path of wanted) {
    const old = contentOf(join(ROOT, path));
    const fresh = readFileSync(join(made, path));
    if (old === undefined) found.push(`+ ${path}: is missing`);
    else if (!old.equals(fresh)) found.push(`! ${path}: ${firstDifference(old, fresh)}`);
  }
  return found;
}

function contentOf(path: string): Buffer | undefined {
  try {
    return readFileSync(path);
  } catch {
    return undefined;
  }
}

function firstDifference(old: Buffer, fresh: Buffer): string {
  if (fresh.includes(0)) return `${old.length} bytes differ from the ${fresh.length} rebuilt`;
  const was = old.toString().split('\n');
  const is = fresh.toString().split('\n');
  const line = is.findIndex((text, i) => text !== was[i]);
  return line < 0
    ? `lines after ${is.length} are not made any more`
    : `line ${line + 1}\n    is     ${was[line] ?? '(no such line)'}\n    should ${is[line]}`;
}

const made = mkdtempSync(join(tmpdir(), 'kflow-generated-'));
try {
  mkdirSync(join(made, TYPES), { recursive: true });
  mkdirSync(join(made, dirname(DESCRIPTORS)), { recursive: true });
  generateTypes(join(made, TYPES));
  generateDescriptors(join(made, DESCRIPTORS));
  if (process.argv.includes('--check')) {
    mkdirSync(join(ROOT, TYPES), { recursive: true });
    const found = differences(made);
    if (found.length > 0) {
      process.stderr.write(`Files derived from the proto are not current: run "npm run proto".\n${found.join('\n')}\n`);
      process.exitCode = 1;
    }
  } else {
    rmSync(join(ROOT, TYPES), { recursive: true, force: true });
    cpSync(made, ROOT, { recursive: true });
  }
} finally {
  rmSync(made, { recursive: true });
}
