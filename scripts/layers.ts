/**
 * The order of imports, as data: `npm run layers` writes it into biome.json as lint rules, and a test compares both with
 * the imports as they are.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { basename, dirname, relative } from 'node:path';
import { argv } from 'node:process';

export interface Layer {
  /** Folders and files. They may import one another, and what is above them in the list. */
  readonly paths: readonly string[];
  /** Computes and does nothing else: no Node, no network, no terminal. */
  readonly isPure?: true;
}

function layer(...paths: readonly string[]): Layer {
  return { paths };
}

function pure(...paths: readonly string[]): Layer {
  return { paths, isPure: true };
}

/** Each may import those above it. Of a folder of which a part is listed apart, the rest of its files is a layer. */
export const LAYERS: readonly Layer[] = [
  layer('src/package-file.ts', 'src/version.ts', 'src/limits.ts', 'src/socket-path.ts', 'src/standard-output.ts'),
  pure('src/flow'),
  layer('src/wire'),
  layer('src/agent/event-loop.ts'),
  layer('src/agent/log.ts'),
  layer('src/agent/listen-address.ts', 'src/agent/settings.ts', 'src/agent/unix-socket.ts'),
  pure('src/agent/conntrack/entry.ts'),
  pure('src/agent/conntrack/parse'),
  pure('src/agent/conntrack/netlink/parse'),
  layer('src/agent/conntrack', 'src/agent/conntrack/netlink', 'src/agent/conntrack/reader'),
  layer('src/agent/polling'),
  layer('src/agent/grpc'),
  layer('src/agent/metrics.ts'),
  layer('src/agent/config.ts'),
  layer('src/agent/process-permissions.ts'),
  layer('src/agent/server.ts'),
  layer('src/agent/main.ts', 'src/agent/probe.ts', 'src/agent/reader.ts'),
  layer('src/client/async'),
  pure('src/client/format/sanitize.ts', 'src/client/format/secrets.ts'),
  pure('src/client/model'),
  pure('src/client/format'),
  layer('src/client/files'),
  layer('src/client/kubernetes'),
  layer('src/client/names'),
  layer('src/client/agents'),
  pure('src/client/correlate'),
  layer('src/client/recording'),
  pure('src/client/problems'),
  layer('src/client/session'),
  pure('src/client/filter'),
  pure('src/client/traffic'),
  pure('src/client/columns'),
  pure('src/client/graph'),
  pure('src/client/output'),
  layer('src/client/install'),
  layer('src/client/doctor'),
  pure('src/client/tui/text', 'src/client/tui/state.ts'),
  pure('src/client/tui/graph-pane'),
  pure('src/client/tui/view-model'),
  pure('src/client/tui/input'),
  pure('src/client/tui/panes'),
  layer('src/client/tui/terminal'),
  pure('src/client/tui/build-frame.ts'),
  layer('src/client/tui/render.ts', 'src/client/tui/effects.ts'),
  layer('src/client/tui/console-status.ts', 'src/client/tui/console.ts'),
  layer('src/client/cli/shared', 'src/client/cli/options', 'src/client/cli/completion'),
  layer('src/client/cli/commands'),
  layer('src/client/cli/program.ts'),
  layer('src/client/cli/run.ts'),
  layer('src/client/main.ts'),
];

/** Exceptions to the order, and further limits: what else these may not import. */
const FORBIDDEN: readonly { readonly from: string; readonly to: readonly string[] }[] = [
  { from: 'src/client/tui', to: ['agents', 'correlate', 'doctor', 'install', 'kubernetes', 'names', 'session'] },
];
/** The only files of the client that know the agent's code. */
export const KNOW_THE_AGENT = ['src/client/agents/local-agent.ts', 'src/client/session/live-inputs.ts'];

const IMPURE = ['node:*', '@grpc/**', '@kubernetes/**', 'blessed*', 'blessed*/**'];

const PATHS = LAYERS.flatMap(({ paths }, at) => paths.map((path) => ({ path, at })));

/** The layer of a file. */
export function layerOf(file: string): number {
  const found = PATHS.filter(({ path }) => file === path || file.startsWith(`${path}/`));
  const [closest] = found.sort((a, b) => b.path.length - a.path.length);
  if (closest === undefined) throw new Error(`${file} is in no layer: scripts/layers.ts`);
  return closest.at;
}

function isFile(path: string): boolean {
  return path.endsWith('.ts');
}

/** Some of its folders and files are layers of their own. */
function isSplit(path: string): boolean {
  return PATHS.some((other) => other.path.startsWith(`${path}/`));
}

/** How files in `folder` would name what is in a later layer. */
function specifiers(folder: string, path: string): string {
  const from = relative(folder, isFile(path) ? dirname(path) : path);
  const isAbove = from === '' || /^(\.\.\/?)+$/.test(from);
  // From outside, any number of "../" may come before.
  const start = isAbove ? (from === '' ? '.' : from) : `**/${from.replace(/^(\.\.\/)+/, '')}`;
  if (isFile(path)) return `${start}/${basename(path)}`;
  return isSplit(path) || isAbove ? `${start}/*.ts` : `${start}/**`;
}

function rule(path: string, at: number, isPure: boolean): object {
  const folder = isFile(path) ? dirname(path) : path;
  const isInside = (other: string) => other === folder || folder.startsWith(`${other}/`) || other === path;
  const later = PATHS.filter((one) => one.at > at && one.path !== path);
  // A folder of which all is later needs one pattern.
  const named = later.map((one) => {
    let root = one.path;
    for (let up = dirname(root); up !== 'src' && !isInside(up); up = dirname(up))
      if (PATHS.every(({ path: other, at: its }) => !other.startsWith(`${up}/`) || its > at)) root = up;
    return root === one.path ? specifiers(folder, root) : `**/${relative(commonFolder(folder, root), root)}/**`;
  });
  // What is above in the list, though its folder's other files are not.
  const allowed = PATHS.filter(
    (one) => one.at <= at && isFile(one.path) && named.includes(specifiers(folder, dirname(one.path))),
  );
  const group = [
    ...new Set([...(isPure ? IMPURE : []), ...named, ...allowed.map((one) => `!${specifiers(folder, one.path)}`)]),
  ];
  for (const { from, to } of FORBIDDEN) if (path.startsWith(from)) group.push(...to.map((one) => `**/${one}/**`));
  if (path.startsWith('src/client') && !isFile(path)) group.push('**/agent/**');
  return {
    includes: [isFile(path) ? path : isSplit(path) ? `${path}/*.ts` : `${path}/**`],
    linter: {
      rules: {
        style: {
          noRestrictedImports: {
            level: 'error',
            options: { patterns: [{ group, message: `A later layer, or not for this one: see scripts/layers.ts.` }] },
          },
        },
      },
    },
  };
}

function commonFolder(a: string, b: string): string {
  let folder = b;
  while (a !== folder && !a.startsWith(`${folder}/`)) folder = dirname(folder);
  return folder;
}

/** biome.json with the rules of this list. */
export function withLayers(biome: string): string {
  const config = JSON.parse(biome);
  const others = config.overrides.filter(
    (one: { linter?: { rules?: { style?: { noRestrictedImports?: unknown } } } }) =>
      one.linter?.rules?.style?.noRestrictedImports === undefined,
  );
  const rules = LAYERS.flatMap(({ paths, isPure = false }, at) => paths.map((path) => rule(path, at, isPure)));
  const exceptions = KNOW_THE_AGENT.map((file) => {
    const found = rules.find((one) => (one as { includes: string[] }).includes[0] === `${dirname(file)}/**`);
    const text = JSON.stringify({ ...found, includes: [file] }).replace(',"**/agent/**"', '');
    return JSON.parse(text);
  });
  return `${JSON.stringify({ ...config, overrides: [...rules, ...exceptions, ...others] }, undefined, 2)}\n`;
}

if (argv[1]?.endsWith('layers.ts')) {
  const file = new URL('../biome.json', import.meta.url);
  writeFileSync(file, withLayers(readFileSync(file, 'utf8')));
}
