import { lstatSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { allPrivate, type FolderAccess } from './private-folder.ts';
import { isOwnerGone, ownerName } from './process-owner.ts';

/**
 * A folder of this process's own (mode 0700) for unix sockets. Its name tells whose it is ("kflow-OWNER-XXXXXX"), so that
 * the next process can remove what a killed one left behind.
 */
export interface SocketFolder {
  readonly path: string;
  /** Removes the folder with what is in it. May be called again. */
  remove(): void;
}

const NAME = /^kflow-([0-9a-z]+-[0-9a-z]+-[0-9a-z]+)-[0-9A-Za-z]{6}$/;
/** A unix socket's path has 104 bytes at most (macOS; 108 on Linux), its end included. */
const MAX_PATH_BYTES = 96;

/** Also removes the folders of processes that are gone. Throws where there is no folder for it, and says what to do. */
export function createSocketFolder(parents: string | readonly string[] = socketParents(process.env)): SocketFolder {
  const path = createFirst([parents].flat());
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

/** A folder may be full, or one in which nothing can be made (/proc): then the next one is tried. */
function createFirst(parents: readonly string[]): string {
  let fault = '';
  for (const parent of parents) {
    try {
      removeStaleFolders(parent);
      return mkdtempSync(join(parent, `kflow-${ownerName()}-`));
    } catch (error) {
      fault ||= `: ${(error as Error).message}`;
    }
  }
  throw new Error(
    `there is no private folder for sockets${fault}; set XDG_RUNTIME_DIR to a folder that only you can write (mode 0700)`,
  );
}

/** Where nobody else can put a socket of theirs in the place of ours. */
export function socketParents(env: NodeJS.ProcessEnv, looks?: FolderAccess): readonly string[] {
  return allPrivate([env.XDG_RUNTIME_DIR ?? '', tmpdir(), '/tmp'], looks).filter(isShort);
}

function isShort(path: string): boolean {
  return Buffer.byteLength(path) + 48 <= MAX_PATH_BYTES;
}

export function removeStaleFolders(parent: string): void {
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
