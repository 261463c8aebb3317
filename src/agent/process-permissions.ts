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
 * Restarts this program in the same process with Node's permission model: it can read only its own code and the files that its
 * settings name, write only its sockets, and start no programs. This guards against our own bugs; the confinement of an agent on
 * a node is its user, capabilities, mounts and seccomp. Returns if the model is already active or not available.
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
 * Settings that glibc reads when a process starts. They make it return freed memory to the system. Messages are short-lived
 * buffers of tens of KiB; columns are MiB in size and are replaced when they grow. By default each thread has its own pool of
 * freed memory, and messages then occupy the memory that a column freed. Measured with 250,000 entries and a subscriber: 20 MiB
 * less, for the same CPU time.
 */
const ALLOCATOR = { MALLOC_ARENA_MAX: '1', MALLOC_MMAP_THRESHOLD_: '32768', MALLOC_TRIM_THRESHOLD_: '65536' };

/** Throws if a path cannot be passed to Node's flags unchanged. */
export function permissionFlags(config: AgentConfig, entry: string): string[] {
  const sockets = [config.listen, config.metricsListen ?? ''].flatMap((listen) =>
    listen.startsWith('unix:') ? [socketPath(listen)] : [],
  );
  const tables = procfsPaths(config);
  // Node uses its compile cache only if it may also write to it. In the image the cache is filled, and the file system is read-only.
  const cache = process.env.NODE_COMPILE_CACHE;
  const writes = [...sockets, ...(cache ? [cache] : [])];
  const reads = [
    ...programFolders(entry),
    ...tables,
    ...tables.map(statsPath),
    ...SETTING_FILES,
    ...NETWORK_FILES,
    // The agent checks whether this folder exists. Connecting needs no permission of Node.
    dirname(config.readerSocket),
    ...writes,
  ];
  return [
    '--permission',
    // Netlink needs a native add-on, which the permissions do not restrict. So allow it only if netlink may be used. Node warns of add-ons
    // at each start.
    ...(mayUseNetlink(config) ? ['--allow-addons', '--disable-warning=PERM0001'] : []),
    ...unique(reads).map((path) => `--allow-fs-read=${path}`),
    ...unique(writes).map((path) => `--allow-fs-write=${path}`),
  ];
}

/** Native code is installed, not included in the built program. */
const NATIVE_PACKAGES = ['koffi', '@koromix'];

/** Returns the folders of the program and its libraries. */
function programFolders(entry: string): string[] {
  const own = realpathSync(packageFile('.'));
  const libraries = resolvePath(join(own, 'node_modules'));
  if (!IS_BUILT) return [own, entry, libraries].filter((path) => path !== undefined);
  // An installed package shares its node_modules folder with other packages.
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
  // Files in an allowed folder need no flag of their own; with such a flag, Node would refuse the folder itself.
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
