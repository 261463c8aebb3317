import { lstatSync, mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/**
 * A folder of this process's own (mode 0700) for unix sockets. Its name tells whose it is, so that the next process can
 * remove what a killed one left behind: "kflow-PID-STARTTIME-PIDNAMESPACE-XXXXXX", numbers in base 36. STARTTIME tells a
 * process from a later one of the same number; PIDNAMESPACE one that this process cannot see from one that is gone.
 */
export interface PrivateFolder {
  readonly path: string;
  /** Removes the folder with what is in it. May be called again. */
  remove(): void;
}

const NAME = /^kflow-([0-9a-z]+)-([0-9a-z]+)-([0-9a-z]+)-[0-9A-Za-z]{6}$/;
/** A unix socket's path has 104 bytes at most (macOS; 108 on Linux), its end included. */
const LONGEST_PATH = 96;

/** Also removes the folders of processes that are gone. */
export function makePrivateFolder(parent: string = runtimeFolder()): PrivateFolder {
  removeLeftovers(parent);
  const owner = [process.pid, startTime(process.pid) ?? 0, pidNamespace()].map((part) => part.toString(36));
  const path = mkdtempSync(join(parent, `kflow-${owner.join('-')}-`));
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
  const short = (path: string | undefined): path is string => path !== undefined && path.length + 48 <= LONGEST_PATH;
  return [process.env.XDG_RUNTIME_DIR, tmpdir()].find((path) => short(path) && isOwnOrSticky(path)) ?? '/tmp';
}

/** Folders in which nobody else can replace ours. */
function isOwnOrSticky(path: string): boolean {
  try {
    const { uid, mode } = lstatSync(path);
    return lstatSync(path).isDirectory() && (uid === process.getuid?.() || (mode & 0o1000) !== 0);
  } catch {
    return false;
  }
}

export function removeLeftovers(parent: string): void {
  for (const name of readdirSync(parent)) {
    const [, pid, start, namespace] = NAME.exec(name) ?? [];
    if (pid === undefined || start === undefined || namespace === undefined) continue;
    if (Number.parseInt(namespace, 36) !== pidNamespace()) continue;
    if (isAlive(Number.parseInt(pid, 36), Number.parseInt(start, 36))) continue;
    const path = join(parent, name);
    try {
      const { uid } = lstatSync(path);
      if (lstatSync(path).isDirectory() && uid === process.getuid?.()) rmSync(path, { recursive: true, force: true });
    } catch {
      // Another process that starts now was quicker.
    }
  }
}

function isAlive(pid: number, start: number): boolean {
  const now = startTime(pid);
  if (now !== undefined) return now === start;
  try {
    process.kill(pid, 0);
    // Without /proc (macOS) a number that is in use again keeps the folder until it is free: harmless.
    return start === 0;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM' && start === 0;
  }
}

/** In clock ticks since boot, from /proc; undefined when there is no such process, or no /proc. */
function startTime(pid: number): number | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The second field is the command in parentheses, and may hold anything.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    // A zombie keeps its number but has ended.
    return fields[0] === 'Z' ? undefined : Number(fields[19]);
  } catch {
    return undefined;
  }
}

function pidNamespace(): number {
  try {
    return Number(/\[(\d+)\]/.exec(readlinkSync('/proc/self/ns/pid'))?.[1] ?? 0);
  } catch {
    return 0;
  }
}
