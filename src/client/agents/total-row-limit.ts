import { totalmem } from 'node:os';
import { oldLimit } from '../async/heap-watch.ts';
import { BYTES_PER_ROW, MAX_ROWS_MEMORY_RATIO } from '../model/limits.ts';

/** How many bytes this process may use. */
export interface MemoryLimits {
  /** V8's limit. */
  readonly heap: number;
  /** The cgroup's; huge where there is none. */
  readonly cgroup: number;
  readonly machine: number;
}

/** How many rows of all agents together fit into memory: the total for a `RowBudget`. */
export function totalRowLimit(memory: MemoryLimits = readMemoryLimits()): number {
  const { heap, machine, cgroup } = memory;
  const least = Math.min(heap, machine / 2, cgroup > 0 ? cgroup : Number.POSITIVE_INFINITY);
  return Math.floor((least * MAX_ROWS_MEMORY_RATIO) / BYTES_PER_ROW);
}

function readMemoryLimits(): MemoryLimits {
  return { heap: oldLimit(), cgroup: process.constrainedMemory(), machine: totalmem() };
}
