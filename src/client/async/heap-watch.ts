import { constants, PerformanceObserver, performance } from 'node:perf_hooks';
import { getHeapSpaceStatistics, getHeapStatistics, setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** Of V8's limit, what is in use after a collection: from here on something should be let go. */
export const HEAP_LOW = 0.75;
/** From here on V8 may end the process at any moment, and would not restore the terminal. */
export const HEAP_OUT = 0.92;

/** From here on, growth is looked at by a collection of our own: V8's next one may be the one that ends the process. */
const HEAP_NEAR = 0.85;
/** How much of the limit the heap grows between two collections of our own, at least: each stops the program. */
const MIN_GROWTH = 0.04;

/**
 * Calls back when a full collection left more than `share` of V8's limit in use: garbage that is not collected yet does not count.
 * Returns what ends it.
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
      if (used < limit * Math.max(share, HEAP_NEAR) || used - keptBytes < limit * MIN_GROWTH) return;
      collect();
    }
    keptBytes = oldBytes();
    if (keptBytes > oldLimit() * share) full();
    // A collection before what was let go just now says nothing about it.
    checkedMs = performance.now();
  });
  observer.observe({ entryTypes: ['gc'] });
  return () => observer.disconnect();
}

/** A full collection, at once. V8 has it as a function of contexts that are made after this flag. */
function collect(): void {
  setFlagsFromString('--expose-gc');
  runInNewContext('gc')();
}

/** What V8's limit includes for objects that are new, where nothing else is set: three spaces of 64 MiB. */
const YOUNG_BYTES = 3 * 64 * 1024 ** 2;

/** Bytes that objects may take which live on: --max-old-space-size, or V8's own choice. */
export function oldLimit(): number {
  const { heap_size_limit: limit } = getHeapStatistics();
  return Math.max(limit - YOUNG_BYTES, limit / 8);
}

/**
 * Bytes of objects that live on, and the room of the ones that are new: what survives the next collection of these comes at once, before
 * anybody can look.
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
