import { closeSync, readlinkSync, readSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { openTable } from './open-table.ts';

/** Mount point of the node's /proc in the agent's pod. */
export const HOST_PROC = '/host/proc';
/** This process's own network files. */
export const OWN_NET = '/proc/net';
const NAMES = ['nf_conntrack', 'ip_conntrack', 'nf_conntrack6'];

/** Returns the possible files of a network's table, in the order of the attempts. */
export function tablePaths(folder: string): readonly string[] {
  return NAMES.map((name) => join(folder, name));
}

/**
 * In a mounted /proc of the node, `net` is a link to `self/net`, the network namespace of the process that reads it, not of the
 * node. So this maps `/host/proc/net/X` to `/host/proc/1/net/X`. The agent's own /proc is unchanged.
 */
export function toHostPath(path: string): string {
  const [, proc, name] = /^(.+)\/net\/([^/]+)$/.exec(resolve(path)) ?? [];
  if (proc === undefined || name === undefined || proc === '/proc') return path;
  return proc === HOST_PROC || readLinkTarget(join(proc, 'net')) === 'self/net' ? join(proc, '1/net', name) : path;
}

function readLinkTarget(path: string): string | undefined {
  try {
    return readlinkSync(path);
  } catch {
    return undefined;
  }
}

/** Returns "ok" if the file can be opened and read, even if it is empty; else the cause, such as "ENOENT: no such file or directory". */
export function probePath(path: string): string {
  try {
    const file = openTable(path);
    try {
      readSync(file, new Uint8Array(1));
    } finally {
      closeSync(file);
    }
    return 'ok';
  } catch (error) {
    return errorCause(error, path);
  }
}

/** Returns an error's cause without the path. */
export function errorCause(error: unknown, path: string): string {
  const text = error instanceof Error ? error.message : String(error);
  return text.replace(/, (open|read|fstat)( '.*')?$/s, '').replace(`${path}: `, '');
}
