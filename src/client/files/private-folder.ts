import { accessSync, constants, existsSync, lstatSync, mkdirSync, realpathSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { dirname, isAbsolute, join } from 'node:path';

/**
 * Folders that kflow chooses itself, for what it trusts: its sockets, and code that V8 has compiled. Nobody else may be able to
 * put something there, or another folder in its place. A folder that the user names is not looked at.
 */
export interface FolderAccess {
  /** Absent: there are no users here (Windows). */
  readonly uid: number | undefined;
  /** With all links resolved. Throws where there is none. */
  realpath(path: string): string;
  stat(path: string): { readonly uid: number; readonly mode: number; isDirectory(): boolean };
  isWritable(path: string): boolean;
  /** With the folders above it that are missing, for this user alone. */
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
    // One by one: where nothing can be made (/proc), Node's own recursion does not end.
    this.make(dirname(path));
    mkdirSync(path, { mode: 0o700 });
  },
};

/**
 * The folder as it is really called, if it is this user's or root's, with all above it, and nobody else can write there: except for
 * folders of root's in which nobody can touch what is another's (/tmp). For root that leaves out all that is below another user's
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

/** Those of the folders in which this user can make something that stays the user's own. */
export function allPrivate(candidates: readonly string[], access: FolderAccess = REAL): readonly string[] {
  const paths = candidates.filter(isAbsolute).map((candidate) => resolvePrivatePath(candidate, access));
  return [...new Set(paths.filter((path) => path !== undefined).filter((path) => access.isWritable(path)))];
}

/**
 * Where compiled code is kept from one start to the next. Undefined: nowhere. Root has no cache: what it finds there it would run,
 * and a start that takes a little longer is a small price.
 */
export function cacheFolder(env: NodeJS.ProcessEnv, access: FolderAccess = REAL): string | undefined {
  if (access.uid === 0) return undefined;
  const home = env.HOME || homeFolder();
  const parents = [env.XDG_CACHE_HOME ?? '', home === undefined ? '' : join(home, '.cache')].filter(isAbsolute);
  return [...parents.map((parent) => join(parent, 'kflow')), join(tmpdir(), `kflow-cache-${access.uid ?? 'user'}`)]
    .map((folder) => made(folder, access))
    .find((folder) => folder !== undefined);
}

/** The folder, which is made where it is missing, and then looked at: nobody can have come in between. */
function made(folder: string, access: FolderAccess): string | undefined {
  const nearest = nearestPrivate(folder, access);
  if (nearest === undefined || !access.isWritable(nearest)) return undefined;
  try {
    access.make(folder);
  } catch {
    return undefined;
  }
  const path = resolvePrivatePath(folder, access);
  // A folder of root's is private too, but an open one (/tmp) is not to be filled.
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

/** Undefined: the user has none. Node throws for a user that is not in passwd. */
function homeFolder(): string | undefined {
  try {
    return homedir();
  } catch {
    return undefined;
  }
}
