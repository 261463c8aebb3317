import { realpathSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { IS_BUILT, packageFile } from '../package-file.ts';
import { socketPath } from '../socket-path.ts';
import type { AgentConfig } from './config.ts';
import { statsPath } from './conntrack/kernel-counters.ts';
import { SETTING_FILES } from './conntrack/kernel-info.ts';
import { NETWORK_FILES } from './conntrack/node-network.ts';
import { mayUseNetlink, procfsPaths } from './conntrack/source-choice.ts';
import type { Log } from './log.ts';

/**
 * Starts this program again, in the same process, with Node's permission model: it reads its own code and the files that its
 * settings name, writes nothing but its sockets, and starts no programs. That is a seat belt against faults of ours; what
 * confines an agent on a node is its user, capabilities, mounts and seccomp. Returns where that was done already, or cannot be.
 */
export function restrictProcess(config: AgentConfig, log: Log): void {
  if (process.permission !== undefined) return;
  if (process.execve === undefined) {
    log.debug(`Node ${process.versions.node} has no process.execve: the agent runs without --permission`);
    return;
  }
  const [node, entry = '', ...args] = process.argv;
  const flags = permissionFlags(config, entry);
  log.debug(`starting again with ${flags.join(' ')}`);
  process.execve(node ?? process.execPath, [process.execPath, ...process.execArgv, ...flags, entry, ...args], {
    ...ALLOCATOR,
    ...process.env,
  });
}

/**
 * For glibc, which reads it when a process starts: it then gives back what is freed. Messages are buffers of tens of KiB that come and
 * go, columns ones of MiB that are replaced; by default each thread has its own store of freed pieces, and what a column left behind
 * is where messages go next. Measured with 250,000 entries and a subscriber: 20 MiB less, for the same CPU time.
 */
const ALLOCATOR = { MALLOC_ARENA_MAX: '1', MALLOC_MMAP_THRESHOLD_: '32768', MALLOC_TRIM_THRESHOLD_: '65536' };

/** Throws where a path cannot be given to Node's flags as it is. */
export function permissionFlags(config: AgentConfig, entry: string): string[] {
  const sockets = [config.listen, config.metricsListen ?? ''].flatMap((listen) =>
    listen.startsWith('unix:') ? [socketPath(listen)] : [],
  );
  const tables = procfsPaths(config);
  // Node uses compiled code only where it may write, too. In the image the folder is filled, and the file system read-only.
  const cache = process.env.NODE_COMPILE_CACHE;
  const writes = [...sockets, ...(cache ? [cache] : [])];
  const reads = [
    ...programFolders(entry),
    ...tables,
    ...tables.map(statsPath),
    ...SETTING_FILES,
    ...NETWORK_FILES,
    // Whether it is there decides; to connect takes no permission of Node's.
    dirname(config.readerSocket),
    ...writes,
  ];
  return [
    '--permission',
    // Netlink takes a native add-on, to which the permissions do not apply: only where it may be used. Node warns of it each time.
    ...(mayUseNetlink(config) ? ['--allow-addons', '--disable-warning=PERM0001'] : []),
    ...unique(reads).map((path) => `--allow-fs-read=${path}`),
    ...unique(writes).map((path) => `--allow-fs-write=${path}`),
  ];
}

/** Native code is not in the built program: it is installed. */
const NATIVE_PACKAGES = ['koffi', '@koromix'];

/** Where the program and its libraries are. */
function programFolders(entry: string): string[] {
  const own = realpathSync(packageFile('.'));
  const libraries = resolvePath(join(own, 'node_modules'));
  if (!IS_BUILT) return [own, entry, libraries].filter((path) => path !== undefined);
  // As an installed package it has others beside it.
  const [, shared] = /^(.*?\/node_modules)\//.exec(own) ?? [];
  const native = [libraries, shared].flatMap((folder) =>
    folder === undefined ? [] : NATIVE_PACKAGES.map((name) => join(folder, name)),
  );
  return [...['dist', 'proto', 'package.json'].map((name) => join(own, name)), entry, ...native];
}

function resolvePath(path: string): string | undefined {
  try {
    return realpathSync(path);
  } catch {
    return undefined;
  }
}

function unique(paths: readonly string[]): string[] {
  const absolute = [...new Set(paths.map((path) => resolve(path)))];
  const wildcard = absolute.find((path) => path.includes('*'));
  // What is in a folder that is given needs nothing of its own; and where it had, Node would refuse the folder itself.
  const folders = absolute.filter(isFolder);
  const covered = (path: string) => folders.some((folder) => path.startsWith(`${folder}/`));
  if (wildcard === undefined) return absolute.filter((path) => !covered(path));
  throw new Error(
    `${wildcard}: Node's permission flags take "*" for a wildcard: start the agent with paths and in a folder without it`,
  );
}

function isFolder(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch {
    return false;
  }
}
