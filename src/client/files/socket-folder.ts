import { lstatSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { allPrivate, type FolderAccess } from './private-folder.ts';
import { isOwnerGone, ownerName } from './process-owner.ts';

/**
 * A private folder of this process (mode 0700) for unix sockets. Its name contains the owner ("kflow-OWNER-XXXXXX"), so that
 * the next process can remove the folder of a killed one.
 */
export interface SocketFolder {
  readonly path: string;
  /** Removes the folder and its content. May be called again. */
  remove(): void;
}

const NAME = /^kflow-([0-9a-z]+-[0-9a-z]+-[0-9a-z]+)-[0-9A-Za-z]{6}$/;
/** A unix socket's path has at most 104 bytes including the final zero (macOS; 108 on Linux). */
const MAX_PATH_BYTES = 96;

/** Also removes the folders of processes that are gone. If no folder is possible, throws an error that says what to do. */
export function createSocketFolder(parents: string | readonly string[] = socketParents(process.env)): SocketFolder {
  const path = createFirst([parents].flat());
  let removed = false;
  const remove = () => {
    if (removed) return;
    removed = true;
    process.off('exit', remove);
    rmSync(path, { recursive: true, force: true });
  };
  // Runs at every end of the process except an unhandled signal.
  process.on('exit', remove);
  return { path, remove };
}

/** Tries the next parent if one is full or does not allow folders (/proc). */
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

/** Folders in which no other user can replace the socket. */
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
      // Another process that starts at the same time was faster.
    }
  }
}
