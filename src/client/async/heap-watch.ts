import { constants, PerformanceObserver } from 'node:perf_hooks';
import { getHeapSpaceStatistics, getHeapStatistics } from 'node:v8';

/** Of V8's limit, what is in use after a collection: from here on something should be let go. */
export const HEAP_LOW = 0.75;
/** From here on V8 may end the process at any moment, and would not restore the terminal. */
export const HEAP_OUT = 0.92;

/**
 * Calls back after each full collection that left more than `share` of V8's limit in use: garbage that is not collected yet does not
 * count. Returns what ends it.
 */
export function watchHeap(share: number, full: () => void): () => void {
  const observer = new PerformanceObserver((list) => {
    const isMajor = list.getEntries().some((entry) => kindOf(entry) === constants.NODE_PERFORMANCE_GC_MAJOR);
    if (!isMajor) return;
    if (oldBytes() > oldLimit() * share) full();
  });
  observer.observe({ entryTypes: ['gc'] });
  return () => observer.disconnect();
}

/** What V8's limit includes for objects that are new, where nothing else is set: three spaces of 64 MiB. */
const YOUNG_BYTES = 3 * 64 * 1024 ** 2;

/** Bytes that objects may take which live on: --max-old-space-size, or V8's own choice. */
export function oldLimit(): number {
  const { heap_size_limit: limit } = getHeapStatistics();
  return Math.max(limit - YOUNG_BYTES, limit / 8);
}

function oldBytes(): number {
  const old = getHeapSpaceStatistics().filter(({ space_name: name }) => !name.startsWith('new_'));
  return old.reduce((sum, { space_used_size: used }) => sum + used, 0);
}

/** "4096 MiB" */
export function heapLimit(): string {
  return `${Math.round(oldLimit() / 1024 ** 2)} MiB`;
}

function kindOf(entry: object): unknown {
  const detail: unknown = Reflect.get(entry, 'detail');
  return typeof detail === 'object' && detail !== null ? Reflect.get(detail, 'kind') : undefined;
}
