import { closeSync, readFileSync, readSync } from 'node:fs';
import type { CounterName, SettingState } from '../../wire/agent.ts';
import { readStats } from './kernel-counters.ts';
import type { NewestEntries } from './newest-entries.ts';
import { openTable } from './open-table.ts';
import { LineScanner } from './parse/line-scanner.ts';
import { LineSplitter } from './parse/line-splitter.ts';

/** What the kernel reports about a table, apart from its entries. Absent: unreadable. */
export interface KernelInfo {
  readonly entries?: number;
  readonly maxEntries?: number;
  readonly counters?: Readonly<Partial<Record<CounterName, number>>>;
  readonly accounting: SettingState;
  readonly timestamping: SettingState;
}

/** Reads what the kernel reports about the table at `path`. Of the table itself it reads at most the first few lines. */
export function readKernelInfo(path: string, newest: NewestEntries): KernelInfo {
  const { entries, counters } = readStats(path);
  const maxEntries = isKernelPath(path) ? readNumber(MAXIMUM) : undefined;
  return {
    ...(entries === undefined ? {} : { entries }),
    ...(maxEntries === undefined ? {} : { maxEntries }),
    ...(counters === undefined ? {} : { counters }),
    ...settingStates(path, newest),
  };
}

/** It is the same in every network namespace, so the agent reads it from its own /proc; no other /proc has to be mounted. */
const MAXIMUM = '/proc/sys/net/netfilter/nf_conntrack_max';
const ACCOUNTING = '/proc/sys/net/netfilter/nf_conntrack_acct';
const TIMESTAMPING = '/proc/sys/net/netfilter/nf_conntrack_timestamp';
/** All kernel settings that the agent reads. */
export const SETTING_FILES = [MAXIMUM, ACCOUNTING, TIMESTAMPING];

/** Whether this is a network file of a process. The kernel's limit does not apply to any other file, such as a copy. */
function isKernelPath(path: string): boolean {
  return /^\/proc\/net\/[^/]+$|\/(?:\d+|self)\/net\/[^/]+$/.test(path);
}

/**
 * Reads the kernel's settings in this process's own namespace. For another namespace it derives them from entries, preferably the
 * newest.
 */
function settingStates(path: string, newest: NewestEntries): Pick<KernelInfo, 'accounting' | 'timestamping'> {
  if (path.startsWith('/proc/net/') || path.startsWith('/proc/self/net/')) return readSettings();
  const { accounting, timestamping } = newest;
  if (accounting !== undefined && timestamping !== undefined) return { accounting, timestamping };
  const { entries, counted, timed } = readStart(path);
  if (entries === 0) return { accounting: 'unknown', timestamping: 'unknown' };
  return { accounting: counted > 0 ? 'on' : 'off', timestamping: timed > 0 ? 'on' : 'off' };
}

/** Reads the settings of this process's own network namespace. */
export function readSettings(): Pick<KernelInfo, 'accounting' | 'timestamping'> {
  return { accounting: readSetting(readNumber(ACCOUNTING)), timestamping: readSetting(readNumber(TIMESTAMPING)) };
}

function readSetting(value: number | undefined): SettingState {
  return value === undefined ? 'unknown' : value === 0 ? 'off' : 'on';
}

const PEEK_BYTES = 16 * 1024;

/** Reads the first entries of a table. Returns how many there are, and how many of them have counters and an age. */
function readStart(path: string): { entries: number; counted: number; timed: number } {
  const seen = { entries: 0, counted: 0, timed: 0 };
  const scanner = new LineScanner();
  const splitter = new LineSplitter((bytes, start, end, terminated) => {
    if (!scanner.scan(bytes, start, end, terminated)) return;
    seen.entries++;
    if (!Number.isNaN(scanner.counters[1])) seen.counted++;
    if (scanner.age >= 0) seen.timed++;
  });
  try {
    const file = openTable(path);
    try {
      for (let left = PEEK_BYTES; left > 0; ) {
        const count = readSync(file, splitter.buffer, splitter.filled, Math.min(left, splitter.room), null);
        if (count === 0) break;
        splitter.advance(count);
        left -= count;
      }
    } finally {
      closeSync(file);
    }
  } catch {
    // An unreadable table gives no information. The error is reported elsewhere.
  }
  return seen;
}

function readNumber(path: string): number | undefined {
  try {
    const text = readFileSync(path, 'utf8').trim();
    return /^\d+$/.test(text) ? Number(text) : undefined;
  } catch {
    return undefined;
  }
}
