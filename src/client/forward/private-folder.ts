import { accessSync, constants, lstatSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isOwnerGone, ownerName } from './process-owner.ts';

/**
 * A folder of this process's own (mode 0700) for unix sockets. Its name tells whose it is ("kflow-OWNER-XXXXXX"), so that
 * the next process can remove what a killed one left behind.
 */
export interface PrivateFolder {
  readonly path: string;
  /** Removes the folder with what is in it. May be called again. */
  remove(): void;
}

const NAME = /^kflow-([0-9a-z]+-[0-9a-z]+-[0-9a-z]+)-[0-9A-Za-z]{6}$/;
/** A unix socket's path has 104 bytes at most (macOS; 108 on Linux), its end included. */
const LONGEST_PATH = 96;

/** Also removes the folders of processes that are gone. */
export function makePrivateFolder(parent: string = runtimeFolder()): PrivateFolder {
  removeLeftovers(parent);
  const path = mkdtempSync(join(parent, `kflow-${ownerName()}-`));
  let removed = false;
  const remove = () => {
    if (removed) return;
    removed = true;
    process.off('exit', remove);
    rmSync(path, { recursive: true, force: true });
  };
  // Whatever ends the process, short of a signal that nobody handles.
  process.on('exit', remove);
  return { path, remove };
}

function runtimeFolder(): string {
  const short = (path: string | undefined): path is string =>
    path !== undefined && Buffer.byteLength(path) + 48 <= LONGEST_PATH;
  return [process.env.XDG_RUNTIME_DIR, tmpdir()].find((path) => short(path) && isUsable(path)) ?? '/tmp';
}

/** Folders in which nobody else can replace ours, and which can be written to: one's own may be on a read-only disk. */
function isUsable(path: string): boolean {
  try {
    accessSync(path, constants.W_OK | constants.X_OK);
    const { uid, mode } = lstatSync(path);
    return lstatSync(path).isDirectory() && (uid === process.getuid?.() || (mode & 0o1000) !== 0);
  } catch {
    return false;
  }
}

export function removeLeftovers(parent: string): void {
  for (const name of readdirSync(parent)) {
    const owner = NAME.exec(name)?.[1];
    if (owner === undefined || !isOwnerGone(owner)) continue;
    const path = join(parent, name);
    try {
      const { uid } = lstatSync(path);
      if (lstatSync(path).isDirectory() && uid === process.getuid?.()) rmSync(path, { recursive: true, force: true });
    } catch {
      // Another process that starts now was quicker.
    }
  }
}
