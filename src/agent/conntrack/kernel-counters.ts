import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { CounterName } from '../../wire/agent.ts';

/** What the kernel counts about a table. Absent: it cannot be read. */
export interface ConntrackStats {
  readonly entries?: number;
  readonly counters?: Readonly<Partial<Record<CounterName, number>>>;
}

/** The columns of stat/nf_conntrack that are reported, by their names there (older kernels first). */
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

/** One line a CPU below a line of names, in hexadecimal. `entries` is the same in each, the others are to be summed. */
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

/** Where the kernel counts what becomes of the table at `path`. */
export function statsPath(path: string): string {
  return join(dirname(path), 'stat/nf_conntrack');
}

/** Of the table at `path`: what stands beside it. Nothing, where there is no such file. */
export function readStats(path: string): ConntrackStats {
  try {
    return parseStats(readFileSync(statsPath(path), 'utf8'));
  } catch {
    return {};
  }
}
