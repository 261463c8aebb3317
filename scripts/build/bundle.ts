/** The programs as they are shipped: for each a folder with its entries, what they load later, and the files that libraries read. */
import { readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { build as esbuild, type Metafile, type Plugin } from 'esbuild';
import { fewChunks } from './chunks.ts';
import { contract } from './contract.ts';
import { type BuiltFile, filesBelow } from './files.ts';
import { builtins, LIBRARY_FILES, libraries, packageOf, readFilesOf } from './libraries.ts';
import { formatNotices } from './notices.ts';

interface ProgramSources {
  /** Below src/. */
  readonly entries: readonly string[];
  /** What is loaded later, in groups that load together what two of them need. */
  readonly groups: readonly (readonly string[])[];
}

export const PROGRAMS: Readonly<Record<string, ProgramSources>> = {
  client: {
    entries: ['client/main.ts'],
    groups: [
      ['flows-query', 'flows', 'graph', 'agents', 'overview', 'record', 'console'].map(
        (name) => `client/cli/commands/${name}.ts`,
      ),
      [
        ...['doctor', 'install', 'uninstall'].map((name) => `client/cli/commands/${name}.ts`),
        ...['session/cluster-inputs', 'kubernetes/config', 'kubernetes/errors'].map((name) => `client/${name}.ts`),
        ...['cluster-facts', 'forbidden-commands'].map((name) => `client/doctor/${name}.ts`),
      ],
    ],
  },
  agent: { entries: ['agent/main.ts', 'agent/probe.ts', 'agent/reader.ts'], groups: [] },
};

/** Loaded by node where they are installed: native code, and what blessed would need for terminals in its windows. */
const EXTERNAL = ['koffi', 'term.js', 'pty.js'];

/** In each file: what `require` is to libraries, and where the files are that they read. */
const BANNER = `const require=process.getBuiltinModule,__libraries=import.meta.dirname+"/${LIBRARY_FILES}";`;

/** Writes nothing; `root` is the package's folder. */
export async function bundle(root: string, program: string, withSourceMaps: boolean): Promise<readonly BuiltFile[]> {
  const { entries: own, groups } = PROGRAMS[program] ?? { entries: [], groups: [] };
  const sources = (paths: readonly string[]) => paths.map((path) => `src/${path}`);
  const entries = sources(own);
  const folder = join(root, 'dist', program);
  const run = (plugins: Plugin[], more: { readonly packages?: 'external' } = {}) =>
    esbuild({
      absWorkingDir: root,
      entryPoints: entries,
      outdir: folder,
      write: false,
      metafile: true,
      bundle: true,
      splitting: true,
      format: 'esm',
      platform: 'node',
      target: 'node22',
      chunkNames: '[name]-[hash]',
      sourcemap: withSourceMaps && 'linked',
      sourcesContent: false,
      minifySyntax: true,
      // They are in the notices.
      legalComments: 'none',
      external: EXTERNAL,
      plugins,
      ...more,
      banner: { js: BANNER },
      logLevel: 'warning',
      logOverride: { 'direct-eval': 'silent' },
    });
  // What loads what is seen in the sources alone.
  const { metafile: plain } = await run([], { packages: 'external' });
  const few = fewChunks(root, plain.inputs, entries, groups.map(sources));
  const { outputFiles, metafile } = await run([builtins, contract(root), libraries(root), few]);
  const strange = outputFiles.find(({ path, text }) => path.endsWith('.js') && /\b__dirname\b/.test(text));
  if (strange !== undefined)
    throw new Error(
      `${basename(strange.path)} has a library that uses __dirname: scripts/build/libraries.ts has to know it`,
    );
  const started = entries.map((entry) => basename(entry).replace(/\.ts$/, '.js'));
  const code = outputFiles.map(({ path, contents }) => {
    const name = path.slice(folder.length + 1);
    return { path: name, contents, isEntry: started.includes(name) };
  });
  const packages = bundledPackages(root, metafile);
  const notices = { path: 'THIRD-PARTY-NOTICES.txt', contents: Buffer.from(formatNotices(packages)), isEntry: false };
  // Node looks for it from the program's folder upwards, and may not read further up under its permission model.
  const type = { path: 'package.json', contents: Buffer.from('{ "type": "module" }\n'), isEntry: false };
  return [...code, type, ...packages.flatMap(libraryFiles), notices];
}

/** The folders of the packages of which something is in the outputs. */
function bundledPackages(root: string, { outputs }: Metafile): readonly string[] {
  const paths = Object.values(outputs).flatMap(({ inputs }) =>
    Object.entries(inputs).flatMap(([path, { bytesInOutput }]) => (bytesInOutput > 0 ? [join(root, path)] : [])),
  );
  return [...new Set(paths.flatMap((path) => packageOf(path)?.folder ?? []))].sort();
}

function libraryFiles(folder: string): readonly BuiltFile[] {
  const name = packageOf(`${folder}/package.json`)?.name ?? '';
  return readFilesOf(name).flatMap((path) =>
    filesBelow(join(folder, path)).map((file) => ({
      path: `${LIBRARY_FILES}/${name}/${file.slice(folder.length + 1)}`,
      contents: readFileSync(file),
      isEntry: false,
    })),
  );
}
