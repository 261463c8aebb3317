import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { CounterName } from '../../wire/agent.ts';

/** The kernel's counts for a table. Absent: unreadable. */
export interface ConntrackStats {
  readonly entries?: number;
  readonly counters?: Readonly<Partial<Record<CounterName, number>>>;
}

/** The reported columns of stat/nf_conntrack, by the kernel's names (older kernels first). */
const COUNTERS: readonly (readonly [string, CounterName])[] = [
  ['insert_failed', 'insertFailed'],
  ['drop', 'drop'],
  ['early_drop', 'earlyDrop'],
  ['search_restart', 'searchRestart'],
  ['invalid', 'invalid'],
  ['error', 'error'],
  ['icmp_error', 'error'],
  ['found', 'found'],
  ['clashres', 'clashResolve'],
  ['clash_resolve', 'clashResolve'],
  ['chainlength', 'chainTooLong'],
  ['chaintoolong', 'chainTooLong'],
];

/** Parses a line of names and one line of hexadecimal numbers per CPU. `entries` is the same on each line; the other columns are summed. */
export function parseStats(text: string): ConntrackStats {
  const [head = '', ...rows] = text.trim().split('\n');
  const names = head.trim().split(/\s+/);
  const cells = rows.map((row) =>
    row
      .trim()
      .split(/\s+/)
      .map((cell) => Number.parseInt(cell, 16)),
  );
  const sum = (index: number) => cells.reduce((total, row) => total + (row[index] ?? Number.NaN), 0);
  const counters: Partial<Record<CounterName, number>> = {};
  for (const [column, name] of COUNTERS) {
    const total = sum(names.indexOf(column));
    if (cells.length > 0 && Number.isFinite(total)) counters[name] = total;
  }
  const entries = cells[0]?.[names.indexOf('entries')];
  return {
    ...(entries === undefined || Number.isNaN(entries) ? {} : { entries }),
    ...(Object.keys(counters).length === 0 ? {} : { counters }),
  };
}

/** Returns the path of the kernel's statistics for the table at `path`. */
export function statsPath(path: string): string {
  return join(dirname(path), 'stat/nf_conntrack');
}

/** Reads the statistics of the table at `path`, from the `stat` folder beside it. Returns nothing if there is no such file. */
export function readStats(path: string): ConntrackStats {
  try {
    return parseStats(readFileSync(statsPath(path), 'utf8'));
  } catch {
    return {};
  }
}
