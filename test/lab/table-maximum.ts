import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

const MAXIMUM = '/proc/sys/net/netfilter/nf_conntrack_max';
const LOCK = '/tmp/kflow-test-table-maximum.lock';

/**
 * Lowers, holds and restores it: when its standard input ends, which it does however the test ends. One at a time, since a
 * second one would take the lowered maximum for the machine's own.
 */
const GUARD = `exec flock -x ${LOCK} bash -c 'before=$(cat ${MAXIMUM}); trap "" INT TERM HUP
echo "$0" > ${MAXIMUM}; echo lowered; read -r _; echo "$before" > ${MAXIMUM}' "$0"`;

/**
 * Lowers the maximum of conntrack tables, so that one can be filled, and gives what it is then. It is one for the whole
 * machine: where another table holds too much for that, it stays as it is. `undo` is to be called with what is given to it.
 */
export async function lowerTableMaximum(wanted: number, undo: (restore: () => Promise<void>) => void): Promise<number> {
  const before = Number(readFileSync(MAXIMUM, 'utf8'));
  if (before <= wanted / 2 || largestTable() > wanted / 2) return before;
  const guard = spawn('bash', ['-c', GUARD, String(wanted)], { stdio: ['pipe', 'pipe', 'inherit'], detached: true });
  const ended = once(guard, 'close');
  undo(async () => {
    guard.stdin.end();
    await ended;
  });
  await once(guard.stdout, 'data', { signal: AbortSignal.timeout(90_000) });
  return wanted;
}

/** Entries of the fullest table that any process's namespace has. */
function largestTable(): number {
  let largest = 0;
  const seen = new Set<string>();
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    try {
      const namespace = readlinkSync(`/proc/${name}/ns/net`);
      if (seen.has(namespace)) continue;
      seen.add(namespace);
      const [, first = ''] = readFileSync(`/proc/${name}/net/stat/nf_conntrack`, 'utf8').split('\n');
      largest = Math.max(largest, Number.parseInt(first, 16) || 0);
    } catch {
      // The process has ended since.
    }
  }
  return largest;
}
