import { yieldToEventLoop } from '../../event-loop.ts';
import { CpuMeter } from '../cpu-meter.ts';
import type { EntrySink } from '../entry.ts';
import { type KernelInfo, readSettings } from '../kernel-info.ts';
import { KERNEL_LIMITS, PollLimit, type PollLimits } from '../poll-limit.ts';
import type { ConntrackSource, ReadCost } from '../source.ts';
import { type MessageSource, SEQUENCE } from './message-source.ts';
import { NetlinkError } from './netlink-error.ts';
import { readCounters, readTableSize } from './netlink-stats.ts';
import { EntryParser } from './parse/entry-parser.ts';
import { formatMessageSample } from './parse/message-sample.ts';
import { AnswerReader, type MessageSink } from './parse/messages.ts';
import * as nl from './parse/numbers.ts';

/** Maximum dumps per poll. A poll repeats a dump only if it failed temporarily or may be inconsistent. */
const MAX_DUMPS = 3;
/** The minimum time between two questions about the kernel. */
const MIN_INFO_INTERVAL_MS = 250;
/** More entries than any kernel's table has. The bound keeps a wrong number from taking all memory. */
const MAX_RESERVED = 1 << 21;

/**
 * Reads the table as ctnetlink dumps it: binary, one message per entry. The `MessageSource` delivers the messages; this class
 * parses them and passes the entries on.
 */
export class NetlinkSource implements ConntrackSource, MessageSink {
  readonly kind = 'netlink';
  readonly path: string;
  readonly #messages: MessageSource;
  readonly #limits: PollLimits;
  readonly #parser = new EntryParser();
  #sink: EntrySink | undefined;
  #count = 0;
  /** The last reply about the kernel or the pending one, and when it came. */
  #info: Promise<KernelInfo> | undefined;
  #infoAt = 0;

  constructor(messages: MessageSource, limits: PollLimits = KERNEL_LIMITS) {
    this.path = messages.path;
    this.#messages = messages;
    this.#limits = limits;
  }

  async read(sink: EntrySink, signal?: AbortSignal): Promise<ReadCost> {
    const meter = new CpuMeter();
    if (sink.isEmpty) await this.#reserve(sink, meter);
    const { unparsed } = sink;
    for (let dumps = 1; ; dumps++) {
      // The sink skips entries of an earlier dump, like entries that the kernel prints twice.
      sink.unparsed = unparsed;
      try {
        const isConsistent = await this.#dump(sink, meter, signal);
        if (isConsistent) return { busyMs: meter.totalMs };
        if (dumps === MAX_DUMPS)
          return {
            busyMs: meter.totalMs,
            note: `the table changed under each of ${dumps} dumps: entries may be missing`,
          };
      } catch (error) {
        if (!(error instanceof NetlinkError && error.isPassing) || dumps === MAX_DUMPS) throw error;
      }
    }
  }

  /** Omits what the kernel does not report. The failure to read the table is reported elsewhere. */
  readInfo(): Promise<KernelInfo> {
    // Any number of clients may ask. A reader serves a few connections, and the poll needs one of them.
    if (this.#info === undefined || performance.now() - this.#infoAt > MIN_INFO_INTERVAL_MS) {
      this.#infoAt = Number.POSITIVE_INFINITY;
      this.#info = this.#askInfo().finally(() => {
        this.#infoAt = performance.now();
      });
    }
    return this.#info;
  }

  async #askInfo(): Promise<KernelInfo> {
    const size = await readTableSize(this.#messages).catch(() => undefined);
    const counters = size === undefined ? undefined : await readCounters(this.#messages).catch(() => undefined);
    return { ...size, ...(counters === undefined ? {} : { counters }), ...this.#readSettings() };
  }

  /** Reads the settings of the network that the messages are about. */
  #readSettings(): Pick<KernelInfo, 'accounting' | 'timestamping'> {
    const { settings } = this.#messages;
    if (settings === 'own') return readSettings();
    return {
      accounting: settings?.accounting.state ?? 'unknown',
      timestamping: settings?.timestamping.state ?? 'unknown',
    };
  }

  message(type: number, view: DataView, start: number, end: number): void {
    const sink = this.#sink;
    if (sink === undefined || type !== nl.CT_NEW) return;
    this.#count++;
    const parser = this.#parser;
    if (!parser.look(view, start, end)) this.#unparsed(sink, view, start, end);
    else if (sink.addUnchanged(parser.fingerprint)) return;
    else if (parser.parse()) sink.add(parser, parser.fingerprint);
    else this.#unparsed(sink, view, start, end);
  }

  malformed(bytes: number): void {
    const sink = this.#sink;
    if (sink === undefined) return;
    sink.unparsed++;
    sink.unparsedSample ??= `${bytes} bytes that are no netlink message`;
  }

  /** Reads one dump. Returns false if the table changed so that entries may be missing. */
  async #dump(sink: EntrySink, meter: CpuMeter, signal: AbortSignal | undefined): Promise<boolean> {
    const answer = new AnswerReader(SEQUENCE, this);
    const limit = new PollLimit(this.#limits, this.path);
    this.#sink = sink;
    this.#count = 0;
    this.#parser.wallMs = Date.now();
    try {
      for await (const buffer of this.#messages.request('entries', meter, signal)) {
        const now = performance.now();
        sink.readAt(now);
        const end = answer.read(buffer);
        if (end === 0) return !answer.isInterrupted;
        if (end !== undefined) throw new NetlinkError(end, 'dump');
        limit.check(buffer.length, this.#count, now);
      }
    } finally {
      this.#sink = undefined;
    }
    throw new Error(`${this.path}: the answer ended before the table did`);
  }

  #unparsed(sink: EntrySink, view: DataView, start: number, end: number): void {
    sink.unparsed++;
    sink.unparsedSample ??= formatMessageSample(view, start, end);
  }

  /** Grows a large table before the poll, not in the middle of it. */
  async #reserve(sink: EntrySink, meter: CpuMeter): Promise<void> {
    const { entries = 0 } = await readTableSize(this.#messages).catch(() => ({ entries: 0 }));
    sink.reserve(Math.min(MAX_RESERVED, Math.ceil(entries * 1.4)));
    await meter.pauseFor(yieldToEventLoop());
  }
}
