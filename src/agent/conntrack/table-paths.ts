import { closeSync, readlinkSync, readSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { openTable } from './open-table.ts';

/** Where a node's /proc is mounted in the agent's pod. */
export const HOST_PROC = '/host/proc';
/** This process's own network files. */
export const OWN_NET = '/proc/net';
const NAMES = ['nf_conntrack', 'ip_conntrack', 'nf_conntrack6'];

/** The files that a network's table may be in, in the order in which they are tried. */
export function tablePaths(folder: string): readonly string[] {
  return NAMES.map((name) => join(folder, name));
}

/**
 * In a mounted /proc of the node, `net` is a link to `self/net`: the reader's own network namespace, which is not the
 * node's. So `/host/proc/net/X` is read as `/host/proc/1/net/X`. The agent's own /proc stays as it is.
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

/** "ok" when the file opens and reads, even if it is empty; else why it does not: "ENOENT: no such file or directory". */
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

/** An error's cause alone, without the path that it is about. */
export function errorCause(error: unknown, path: string): string {
  const text = error instanceof Error ? error.message : String(error);
  return text.replace(/, (open|read|fstat)( '.*')?$/s, '').replace(`${path}: `, '');
}
