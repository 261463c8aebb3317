/**
 * Few and large files in place of many small ones: node takes half a millisecond to find and load each. esbuild puts two modules into one
 * file where the same entries need them. It cannot know that what is loaded later finds loaded what was loaded before, and it shares
 * as little as it can. So each module that is loaded later gets imports of what is there at that time, and of what its group shares.
 */
import { basename, join } from 'node:path';
import type { Metafile, Plugin } from 'esbuild';

type Inputs = Metafile['inputs'];
type Modules = ReadonlySet<string>;

/**
 * `inputs`: of a build without this. `entries` wait for what they load, which therefore cannot wait for them. `groups`: modules that are
 * loaded later, and load together what two of them need. All as the inputs name them.
 */
export function fewChunks(
  root: string,
  inputs: Inputs,
  entries: readonly string[],
  groups: readonly (readonly string[])[],
): Plugin {
  const additions = findAdditions(inputs, entries, groups);
  return {
    name: 'few-chunks',
    setup(build) {
      const names = [...additions.keys()].map((path) => basename(path).replaceAll('.', '\\.'));
      build.onResolve({ filter: new RegExp(`^\\.(?:.*/)?(?:${names.join('|')})$`) }, ({ path, resolveDir, kind }) =>
        kind === 'dynamic-import' ? { path: join(resolveDir, path), namespace: 'later' } : undefined,
      );
      // Not in the module itself: others may import it at once.
      build.onLoad({ filter: /.*/, namespace: 'later' }, ({ path }) => ({
        contents: [
          `export * from ${JSON.stringify(path)};`,
          ...(additions.get(path.slice(root.length + 1)) ?? []).map(
            (module) => `import ${JSON.stringify(join(root, module))};`,
          ),
        ].join('\n'),
        resolveDir: root,
      }));
    },
  };
}

/** What each module that is loaded later is to import. */
export function findAdditions(
  inputs: Inputs,
  entries: readonly string[],
  groups: readonly (readonly string[])[],
): ReadonlyMap<string, readonly string[]> {
  const laters = new Set(Object.keys(inputs).flatMap((module) => importsOf(inputs, module, 'dynamic-import')));
  const reached = new Map([...entries, ...laters].map((root) => [root, reachedFrom(inputs, root)]));
  for (const group of groups) {
    const shared = sharedBy(group.map((member) => reached.get(member) ?? new Set<string>()));
    for (const member of group) reached.set(member, shared.union(reached.get(member) ?? new Set()));
  }
  const loaded = new Map([...reached].map(([root, modules]) => [root, loadedBy(inputs, modules)]));
  const there = new Map(entries.map((entry) => [entry, reached.get(entry) ?? new Set<string>()]));
  // Until nothing changes: each turn knows more of what is loaded before.
  for (let before = -1, now = 0; before !== now; before = now, now = sizeOf(there))
    for (const later of laters) {
      const roots = [...reached.keys()].filter((root) => loaded.get(root)?.has(later) === true);
      const known = roots.map((root) => there.get(root)).filter((modules) => modules !== undefined);
      const [one = new Set<string>(), ...others] = known;
      const common = others.reduce((all, modules) => all.intersection(modules), one);
      there.set(later, common.union(reached.get(later) ?? new Set()));
    }
  const isOwn = (module: string) => module.endsWith('.ts') && !entries.includes(module);
  return new Map(
    [...laters].map((later) => {
      const own = reachedFrom(inputs, later);
      return [later, [...(there.get(later) ?? [])].filter((module) => isOwn(module) && !own.has(module)).sort()];
    }),
  );
}

/** What any of them loads later. */
function loadedBy(inputs: Inputs, modules: Modules): Modules {
  return new Set([...modules].flatMap((module) => importsOf(inputs, module, 'dynamic-import')));
}

/** With all that it imports, and so on. */
function reachedFrom(inputs: Inputs, root: string): Set<string> {
  const reached = new Set([root]);
  for (const module of reached)
    for (const next of [...importsOf(inputs, module, 'import-statement'), ...importsOf(inputs, module, 'require-call')])
      reached.add(next);
  return reached;
}

function importsOf(inputs: Inputs, module: string, kind: string): string[] {
  return (inputs[module]?.imports ?? [])
    .filter((one) => one.kind === kind && one.external !== true)
    .map(({ path }) => path);
}

/** What at least two of them have. */
function sharedBy(sets: readonly Modules[]): Set<string> {
  const all = [...new Set(sets.flatMap((set) => [...set]))];
  return new Set(all.filter((module) => sets.filter((set) => set.has(module)).length > 1));
}

function sizeOf(sets: ReadonlyMap<string, Modules>): number {
  return [...sets.values()].reduce((sum, { size }) => sum + size, 0);
}
