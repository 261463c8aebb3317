import { accessSync, constants, existsSync, lstatSync, mkdirSync, realpathSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { dirname, isAbsolute, join } from 'node:path';

/**
 * Folders that kflow chooses itself for files that it trusts: its sockets and V8's compiled code. No other user may be able to
 * write there or replace the folder. A folder that the user names is not checked.
 */
export interface FolderAccess {
  /** Absent: the platform has no user ids (Windows). */
  readonly uid: number | undefined;
  /** The path with all links resolved. Throws if it does not exist. */
  realpath(path: string): string;
  stat(path: string): { readonly uid: number; readonly mode: number; isDirectory(): boolean };
  isWritable(path: string): boolean;
  /** Creates the folder and its missing parents, for this user only. */
  make(path: string): void;
}

const OTHERS_WRITE = 0o022;
const STICKY = 0o1000;

const REAL: FolderAccess = {
  uid: process.getuid?.(),
  realpath: (path) => realpathSync(path),
  stat: (path) => lstatSync(path),
  isWritable(path) {
    try {
      accessSync(path, constants.W_OK | constants.X_OK);
      return true;
    } catch {
      return false;
    }
  },
  make(path) {
    if (existsSync(path)) return;
    // One by one: in /proc, where nothing can be created, Node's own recursion does not end.
    this.make(dirname(path));
    mkdirSync(path, { mode: 0o700 });
  },
};

/**
 * The real path of a folder if this user or root owns it and all its parents, and nobody else can write there. Exception:
 * root's sticky folders, in which users cannot change each other's files (/tmp). For root this excludes everything below another user's
 * folder. Undefined: it is not private.
 */
export function resolvePrivatePath(path: string, access: FolderAccess = REAL): string | undefined {
  if (access.uid === undefined) return path;
  try {
    const real = access.realpath(path);
    for (let at = real; ; at = dirname(at)) {
      const { uid, mode } = access.stat(at);
      const isShared = (mode & OTHERS_WRITE) !== 0;
      if (uid !== access.uid && uid !== 0) return undefined;
      if (isShared && !(uid === 0 && (mode & STICKY) !== 0)) return undefined;
      if (dirname(at) === at) return access.stat(real).isDirectory() ? real : undefined;
    }
  } catch {
    return undefined;
  }
}

/** The candidates that are private to this user. */
export function allPrivate(candidates: readonly string[], access: FolderAccess = REAL): readonly string[] {
  const paths = candidates.filter(isAbsolute).map((candidate) => resolvePrivatePath(candidate, access));
  return [...new Set(paths.filter((path) => path !== undefined).filter((path) => access.isWritable(path)))];
}

/**
 * Where compiled code is kept between starts. Undefined: nowhere. Root has no cache: it would run the code that it finds there,
 * and a slightly slower start is acceptable.
 */
export function cacheFolder(env: NodeJS.ProcessEnv, access: FolderAccess = REAL): string | undefined {
  if (access.uid === 0) return undefined;
  const home = env.HOME || homeFolder();
  const parents = [env.XDG_CACHE_HOME ?? '', home === undefined ? '' : join(home, '.cache')].filter(isAbsolute);
  return [...parents.map((parent) => join(parent, 'kflow')), join(tmpdir(), `kflow-cache-${access.uid ?? 'user'}`)]
    .map((folder) => made(folder, access))
    .find((folder) => folder !== undefined);
}

/** Creates the folder if it is missing, and then checks it, in that order, so that nobody can replace it in between. */
function made(folder: string, access: FolderAccess): string | undefined {
  const nearest = nearestPrivate(folder, access);
  if (nearest === undefined || !access.isWritable(nearest)) return undefined;
  try {
    access.make(folder);
  } catch {
    return undefined;
  }
  const path = resolvePrivatePath(folder, access);
  // Root's folders are private too, but nothing is created directly in a shared one (/tmp).
  return path !== undefined && isOwn(path, access) && access.isWritable(path) ? path : undefined;
}

function nearestPrivate(folder: string, access: FolderAccess): string | undefined {
  for (let at = folder; ; at = dirname(at)) {
    try {
      access.realpath(at);
      return resolvePrivatePath(at, access);
    } catch {
      if (dirname(at) === at) return undefined;
    }
  }
}

function isOwn(path: string, { uid, stat }: FolderAccess): boolean {
  return uid === undefined || stat(path).uid === uid;
}

/** Undefined: the user has none. Node throws for a user who is not in passwd. */
function homeFolder(): string | undefined {
  try {
    return homedir();
  } catch {
    return undefined;
  }
}
