/** Files of builds: what goes into one, and what comes out of it. Needs nothing that is installed. */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

export interface BuiltFile {
  /** Below the program's folder. */
  readonly path: string;
  readonly contents: Uint8Array;
  /** It is started, and leads to the others. */
  readonly isEntry: boolean;
}

/** What a build depends on. The lock file stands for the libraries. */
const INPUTS = [
  'src',
  'scripts/build',
  'scripts/build.ts',
  'package-lock.json',
  'tsconfig.json',
  'tsconfig.build.json',
];
/** Of the last build: the hash of its inputs, and its files. */
const RECORD = '.build.json';
const UNFINISHED = '.unfinished-';

/** By content: to another branch and back changes nothing. Undefined: there are no sources here. */
export function hashInputs(root: string): string | undefined {
  const inputs = INPUTS.map((path) => join(root, path));
  if (!existsSync(inputs[0] ?? '')) return undefined;
  const hash = createHash('sha256');
  for (const file of inputs.filter((path) => existsSync(path)).flatMap(filesBelow))
    hash.update(`${file.slice(root.length)}\0`).update(readFileSync(file));
  return hash.digest('hex');
}

/** Whether these inputs were built last, and all of that is still there. */
export function isBuilt(root: string, inputs: string): boolean {
  try {
    const record = JSON.parse(readFileSync(join(root, 'dist', RECORD), 'utf8'));
    return record.inputs === inputs && record.files.every((file: string) => existsSync(join(root, 'dist', file)));
  } catch {
    return false;
  }
}

/**
 * Puts programs into dist/. Each file takes its place whole, and the entries take theirs last: files that they load have names of their
 * own for each content. So a program can be started at any moment, also while two builds write at once.
 */
export function writePrograms(root: string, programs: ReadonlyMap<string, readonly BuiltFile[]>): readonly string[] {
  const dist = join(root, 'dist');
  const unfinished = join(dist, `${UNFINISHED}${process.pid}`);
  const all = [...programs].flatMap(([program, files]) =>
    files.map((file) => ({ ...file, path: `${program}/${file.path}` })),
  );
  for (const { path, contents, isEntry } of all.toSorted((a, b) => Number(a.isEntry) - Number(b.isEntry)))
    put(join(dist, path), contents, isEntry ? 0o755 : 0o644, unfinished);
  rmSync(unfinished, { recursive: true, force: true });
  const kept = new Set(all.map(({ path }) => join(dist, path)));
  for (const program of programs.keys())
    for (const file of filesBelow(join(dist, program))) if (!kept.has(file)) rmSync(file, { force: true });
  return all.map(({ path }) => path);
}

/** `files`: all that belongs in dist/. */
export function writeRecord(root: string, inputs: string, files: readonly string[]): void {
  const dist = join(root, 'dist');
  const tops = new Set(files.map((file) => file.split('/')[0]));
  for (const name of readdirSync(dist))
    if (!tops.has(name) && !name.startsWith('.')) rmSync(join(dist, name), { recursive: true, force: true });
  removeEmptyFolders(dist);
  put(
    join(dist, RECORD),
    Buffer.from(`${JSON.stringify({ inputs, files }, null, 1)}\n`),
    0o644,
    join(dist, `${UNFINISHED}${process.pid}`),
  );
  rmSync(join(dist, `${UNFINISHED}${process.pid}`), { recursive: true, force: true });
}

function put(path: string, contents: Uint8Array, mode: number, unfinished: string): void {
  mkdirSync(unfinished, { recursive: true });
  mkdirSync(dirname(path), { recursive: true });
  const whole = join(unfinished, 'file');
  writeFileSync(whole, contents, { mode });
  renameSync(whole, path);
}

/** All files of a folder; of a file itself. Without what another build has not finished. */
export function filesBelow(path: string): readonly string[] {
  if (!statSync(path).isDirectory()) return [path];
  return readdirSync(path, { withFileTypes: true })
    .flatMap((entry) => (entry.isDirectory() ? filesBelow(join(path, entry.name)) : [join(path, entry.name)]))
    .sort();
}

function removeEmptyFolders(path: string): void {
  for (const entry of readdirSync(path, { withFileTypes: true })) {
    if (!entry.isDirectory() || entry.name.startsWith('.')) continue;
    const folder = join(path, entry.name);
    removeEmptyFolders(folder);
    if (readdirSync(folder).length === 0) rmSync(folder, { recursive: true, force: true });
  }
}
