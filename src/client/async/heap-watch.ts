import { constants, PerformanceObserver, performance } from 'node:perf_hooks';
import { getHeapSpaceStatistics, getHeapStatistics, setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** Share of V8's limit in use after a collection; above it memory should be released. */
export const HEAP_RELEASE_RATIO = 0.75;
/** Above this share V8 may end the process at any moment, and would not restore the terminal. */
export const HEAP_EXIT_RATIO = 0.92;

/** Above this share growth triggers a collection of our own: V8's next one may end the process. */
const HEAP_COLLECT_RATIO = 0.85;
/** The heap grows by at least this share between two collections of our own: each one stops the program. */
const MIN_GROWTH_RATIO = 0.04;

/**
 * Calls back when a full collection left more than `share` of V8's limit in use: garbage that is not collected yet does not count.
 * Returns a function that stops it.
 */
export function watchHeap(share: number, full: () => void): () => void {
  let keptBytes = 0;
  let checkedMs = 0;
  const observer = new PerformanceObserver((list) => {
    const ended = list.getEntries().filter(({ startTime }) => startTime >= checkedMs);
    const isMajor = ended.some((entry) => kindOf(entry) === constants.NODE_PERFORMANCE_GC_MAJOR);
    if (!isMajor) {
      const used = oldBytes();
      const limit = oldLimit();
      if (used < limit * Math.max(share, HEAP_COLLECT_RATIO) || used - keptBytes < limit * MIN_GROWTH_RATIO) return;
      collect();
    }
    keptBytes = oldBytes();
    if (keptBytes > oldLimit() * share) full();
    // A collection from before the last release says nothing about it.
    checkedMs = performance.now();
  });
  observer.observe({ entryTypes: ['gc'] });
  return () => observer.disconnect();
}

/** A full collection, at once. V8 offers this function only in contexts created after the flag is set. */
function collect(): void {
  setFlagsFromString('--expose-gc');
  runInNewContext('gc')();
}

/** V8's default limit includes this much for new objects: three spaces of 64 MiB. */
const YOUNG_BYTES = 3 * 64 * 1024 ** 2;

/** The limit of the old generation in bytes: --max-old-space-size, or V8's own choice. */
export function oldLimit(): number {
  const { heap_size_limit: limit } = getHeapStatistics();
  return Math.max(limit - YOUNG_BYTES, limit / 8);
}

/**
 * Bytes of the old generation, and the size of the young one: objects that survive the next collection move over at once, before
 * they can be counted.
 */
function oldBytes(): number {
  return getHeapSpaceStatistics().reduce((sum, { space_name: name, space_size: size, space_used_size: used }) => {
    if (name === 'new_space') return sum + size / 2;
    return name.startsWith('new_') ? sum : sum + used;
  }, 0);
}

/** "4096 MiB" */
export function heapLimit(): string {
  return `${Math.round(oldLimit() / 1024 ** 2)} MiB`;
}

function kindOf(entry: object): unknown {
  const detail: unknown = Reflect.get(entry, 'detail');
  return typeof detail === 'object' && detail !== null ? Reflect.get(detail, 'kind') : undefined;
}
