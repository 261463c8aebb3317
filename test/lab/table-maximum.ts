import { readdirSync, readFileSync, readlinkSync, writeFileSync } from 'node:fs';

const MAXIMUM = '/proc/sys/net/netfilter/nf_conntrack_max';

/**
 * Lowers the maximum of conntrack tables, so that one can be filled, and gives what it is then. It is one for the whole
 * machine: where another table holds too much for that, it stays as it is. `undo` is to be called with what is given to it.
 */
export function lowerTableMaximum(wanted: number, undo: (restore: () => void) => void): number {
  const before = readFileSync(MAXIMUM, 'utf8').trim();
  if (Number(before) <= wanted || largestTable() > wanted / 2) return Number(before);
  let restored = false;
  const restore = () => {
    if (!restored) writeFileSync(MAXIMUM, before);
    restored = true;
  };
  undo(restore);
  process.once('exit', restore);
  writeFileSync(MAXIMUM, String(wanted));
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
