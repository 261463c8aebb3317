import { readFileSync, readlinkSync } from 'node:fs';

/**
 * Names the folders and tables that a process creates, so that a later process can remove those of a killed one:
 * "PID-STARTTIME-PIDNAMESPACE", numbers in base 36. STARTTIME distinguishes a process from a later one with the same number;
 * PIDNAMESPACE distinguishes a process that is not visible here from one that is gone.
 */
export function ownerName(): string {
  return [process.pid, startTime(process.pid) ?? 0, pidNamespace()].map((part) => part.toString(36)).join('-');
}

/** Whether the named process is known to be gone: false for what this process cannot see. */
export function isOwnerGone(name: string): boolean {
  const [, pid, start, namespace] = /^([0-9a-z]+)-([0-9a-z]+)-([0-9a-z]+)$/.exec(name) ?? [];
  if (pid === undefined || start === undefined || namespace === undefined) return false;
  if (Number.parseInt(namespace, 36) !== pidNamespace()) return false;
  return !isAlive(Number.parseInt(pid, 36), Number.parseInt(start, 36));
}

function isAlive(pid: number, start: number): boolean {
  const now = startTime(pid);
  if (now !== undefined) return now === start;
  try {
    process.kill(pid, 0);
    // Without /proc (macOS) the folder stays while another process has the same number: harmless.
    return start === 0;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM' && start === 0;
  }
}

/** In clock ticks since boot, from /proc; undefined when there is no such process, or no /proc. */
function startTime(pid: number): number | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The second field is the command in parentheses, and may contain any text.
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
