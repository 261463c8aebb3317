import { closeSync, fstatSync, readSync } from 'node:fs';
import { cpuTimeMs, yieldToEventLoop } from '../event-loop.ts';
import type { EntrySink } from './entry.ts';
import { readStats } from './kernel-counters.ts';
import { type KernelInfo, readKernelInfo } from './kernel-info.ts';
import type { NewestEntries } from './newest-entries.ts';
import { openTable } from './open-table.ts';
import { LineFingerprinter } from './parse/line-fingerprint.ts';
import { formatLineSample } from './parse/line-sample.ts';
import { LineScanner } from './parse/line-scanner.ts';
import { LineSplitter } from './parse/line-splitter.ts';
import { KERNEL_LIMITS, PollLimit, type PollLimits } from './poll-limit.ts';
import type { ConntrackSource, ReadCost } from './source.ts';

/** Maximum time that a read holds the event loop, in milliseconds, give or take one chunk. */
const SLICE_MS = 2;

/**
 * Reads the table as text. The kernel returns at most 4 KiB per call, so a call through the thread pool would cost more than the
 * read itself. The source therefore reads on the event loop, in slices.
 */
export class ProcfsSource implements ConntrackSource {
  readonly kind = 'procfs';
  readonly path: string;
  readonly #fingerprinter = new LineFingerprinter();
  readonly #scanner = new LineScanner();
  readonly #splitter: LineSplitter;
  readonly #limits: PollLimits;
  #sink: EntrySink | undefined;

  constructor(path: string, limits: PollLimits = KERNEL_LIMITS) {
    this.path = path;
    this.#limits = limits;
    this.#splitter = new LineSplitter((bytes, start, end, terminated) => {
      const sink = this.#sink;
      if (sink === undefined) return;
      this.#fingerprinter.read(bytes, start, end);
      if (sink.addUnchanged(this.#fingerprinter)) return;
      const { unparsed } = sink;
      if (this.#scanner.scan(bytes, start, end, terminated)) sink.add(this.#scanner, this.#fingerprinter);
      else sink.unparsed++;
      if (unparsed === 0 && sink.unparsed > 0) sink.unparsedSample = formatLineSample(bytes, start, end);
    });
  }

  async read(sink: EntrySink, signal?: AbortSignal): Promise<ReadCost> {
    const file = openTable(this.path);
    const splitter = this.#splitter;
    splitter.reset();
    splitter.overlong = 0;
    this.#sink = sink;
    if (sink.isEmpty) sink.reserve(expectedEntries(this.path, file));
    let busyMs = 0;
    const limit = new PollLimit(this.#limits, this.path);
    try {
      let sliceStart = performance.now();
      let cpuStart = cpuTimeMs();
      for (;;) {
        const count = readSync(file, splitter.buffer, splitter.filled, splitter.room, null);
        const now = performance.now();
        sink.readAt(now);
        if (count === 0) break;
        splitter.advance(count);
        limit.check(count, splitter.lines, now);
        if (now - sliceStart > SLICE_MS) {
          busyMs += cpuTimeMs() - cpuStart;
          await yieldToEventLoop();
          signal?.throwIfAborted();
          sliceStart = performance.now();
          cpuStart = cpuTimeMs();
        }
      }
      splitter.end();
      sink.unparsed += splitter.overlong;
      return { busyMs: busyMs + cpuTimeMs() - cpuStart };
    } finally {
      this.#sink = undefined;
      closeSync(file);
    }
  }

  async readInfo(newest: NewestEntries): Promise<KernelInfo> {
    return readKernelInfo(this.path, newest);
  }
}

/** More entries than any kernel's table has. The bound keeps a wrong number from taking all memory. */
const MAX_RESERVED = 1 << 21;
/** Minimum bytes per line: IPv4, without counters. */
const LINE_BYTES = 150;

/** Estimates the number of entries: from the kernel's counter, or from the length of a regular file. */
function expectedEntries(path: string, file: number): number {
  const entries = readStats(path).entries ?? fstatSync(file).size / LINE_BYTES;
  return Math.min(MAX_RESERVED, Math.ceil(entries * 1.4));
}
