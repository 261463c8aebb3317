import { MAX_SILENT_POLL_MS } from '../../../limits.ts';
import type { CounterName } from '../../../wire/agent.ts';
import { CpuMeter } from '../cpu-meter.ts';
import type { ConntrackStats } from '../kernel-counters.ts';
import { type MessageSource, type NetlinkRequest, SEQUENCE } from './message-source.ts';
import { NetlinkError } from './netlink-error.ts';
import { Attributes } from './parse/attributes.ts';
import { AnswerReader, type MessageSink } from './parse/messages.ts';
import * as nl from './parse/numbers.ts';

/** The reported members of `enum ctattr_stats_cpu`. */
const COUNTERS: readonly (readonly [number, CounterName])[] = [
  [2, 'found'],
  [4, 'invalid'],
  [9, 'insertFailed'],
  [10, 'drop'],
  [11, 'earlyDrop'],
  [12, 'error'],
  [13, 'searchRestart'],
  [14, 'clashResolve'],
  [15, 'chainTooLong'],
];
/** `enum ctattr_stats_global`. */
const GLOBAL_ENTRIES = 1;
const GLOBAL_MAX_ENTRIES = 2;
/** A reply has one message per CPU. */
const MAX_MESSAGES = 8_192;
const MAX_ANSWER_BYTES = 4 * 1024 * 1024;

export interface TableSize {
  readonly entries?: number;
  readonly maxEntries?: number;
}

/** Reads the current and maximum number of entries. Rejects if the request to the kernel fails. */
export async function readTableSize(messages: MessageSource): Promise<TableSize> {
  const attributes = new Attributes(3);
  let size: TableSize = {};
  await ask(messages, 'size', (view, start, end) => {
    if (!attributes.read(view, start, end)) return;
    const entries = attributes.uint32(GLOBAL_ENTRIES);
    // Kernels before 4.16 do not report the maximum.
    const maxEntries = attributes.uint32(GLOBAL_MAX_ENTRIES);
    size = { ...(entries < 0 ? {} : { entries }), ...(maxEntries < 0 ? {} : { maxEntries }) };
  });
  return size;
}

/** Reads the kernel's counters of the table, summed over all CPUs. Rejects if the request to the kernel fails. */
export async function readCounters(messages: MessageSource): Promise<NonNullable<ConntrackStats['counters']>> {
  const attributes = new Attributes(16);
  const counters: Partial<Record<CounterName, number>> = {};
  await ask(messages, 'counters', (view, start, end) => {
    if (!attributes.read(view, start, end)) return;
    for (const [type, name] of COUNTERS) {
      const count = attributes.uint32(type);
      if (count >= 0) counters[name] = (counters[name] ?? 0) + count;
    }
  });
  return counters;
}

async function ask(
  messages: MessageSource,
  what: NetlinkRequest,
  take: (view: DataView, start: number, end: number) => void,
): Promise<void> {
  let count = 0;
  const sink: MessageSink = {
    message(_type, view, start, end) {
      count++;
      take(view, start + nl.FAMILY_HEADER_BYTES, end);
    },
    malformed: () => {},
  };
  const answer = new AnswerReader(SEQUENCE, sink);
  let bytes = 0;
  const signal = AbortSignal.timeout(MAX_SILENT_POLL_MS);
  try {
    for await (const buffer of messages.request(what, new CpuMeter(), signal)) {
      const end = answer.read(buffer);
      if (end === 0) return;
      if (end !== undefined) throw new NetlinkError(end, what);
      bytes += buffer.length;
      if (count > MAX_MESSAGES || bytes > MAX_ANSWER_BYTES) break;
    }
  } catch (error) {
    if (!signal.aborted) throw error;
    throw new Error(`${messages.path}: no reply within ${MAX_SILENT_POLL_MS / 1000}s`);
  }
  throw new Error(`${messages.path}: an answer without an end`);
}
