import type { Family } from '../flow/address.ts';
import type { FlowDelta } from '../flow/apply.ts';
import type { Counters, Flow, FlowStats, FlowStatus, FlowUpdate, Tuple } from '../flow/flow.ts';
import { protocolNumber } from '../flow/protocol.ts';
import { NO_STATE, STATE_NAMES } from '../flow/state.ts';
import { cutText, MAX_INTERVAL_SECONDS, MAX_RATE, MAX_REASON, MAX_SAMPLE, MIN_INTERVAL_SECONDS } from '../limits.ts';
import type { Flow__Output } from './gen/kflow/v1/Flow.ts';
import type { FlowCounters__Output } from './gen/kflow/v1/FlowCounters.ts';
import type { FlowStats__Output } from './gen/kflow/v1/FlowStats.ts';
import type { FlowUpdate__Output } from './gen/kflow/v1/FlowUpdate.ts';
import type { Tuple__Output } from './gen/kflow/v1/Tuple.ts';
import type { WatchFlowsResponse__Output } from './gen/kflow/v1/WatchFlowsResponse.ts';
import { decodeTimestamp } from './timestamp.ts';

/** One message of WatchFlows. */
export interface WatchMessage {
  /** Counts 1, 2, 3 … on each stream. */
  readonly sequence: number;
  /** Unix time in milliseconds by the agent's clock. If the agent does not send it, the time of receipt. */
  readonly observedAt: number;
  /** The message is part of a whole table. */
  readonly snapshot: boolean;
  /** The last message of a poll. */
  readonly endOfPoll: boolean;
  readonly delta: FlowDelta;
  readonly poll?: PollReport;
  /** Why the agent's last poll failed. */
  readonly pollError?: string;
  /** The flows that `maxFlows` left out. */
  readonly others?: { readonly flows: number; readonly bytesPerSecond?: number };
}

export interface PollReport {
  readonly observedAt: number;
  readonly entries: number;
  readonly unparsedLines: number;
  readonly unparsedSample?: string;
  readonly durationSeconds: number;
  /** Absent: the agent sent none, or an invalid one. */
  readonly intervalSeconds?: number;
  readonly skipped: boolean;
}

/**
 * Decodes a message. Never throws: it treats a value that no agent of this contract sends as unset. `applyDelta` rejects a flow
 * without its mandatory parts (id, addresses). `receivedAt`: unix time in milliseconds.
 */
export function decodeResponse(message: WatchFlowsResponse__Output, receivedAt: number): WatchMessage {
  const observedAt = decodeTimestamp(message.observedAt) ?? receivedAt;
  const { poll, others } = message;
  const intervalSeconds = interval(poll?.intervalSeconds);
  const otherRate = rate(others?.bytesPerSecond);
  return {
    sequence: message.sequence ?? 0,
    observedAt,
    snapshot: message.snapshot ?? false,
    endOfPoll: message.endOfPoll ?? false,
    delta: decodeDelta(message, observedAt),
    ...(poll
      ? {
          poll: {
            observedAt,
            entries: poll.entries ?? 0,
            unparsedLines: poll.unparsedLines ?? 0,
            ...(poll.unparsedSample ? { unparsedSample: cutText(poll.unparsedSample, MAX_SAMPLE) } : {}),
            durationSeconds: rate(poll.durationSeconds) ?? 0,
            ...(intervalSeconds === undefined ? {} : { intervalSeconds }),
            skipped: poll.skipped ?? false,
          },
        }
      : {}),
    ...(poll?.error ? { pollError: cutText(poll.error, MAX_REASON) } : {}),
    ...(others
      ? { others: { flows: others.flows ?? 0, ...(otherRate === undefined ? {} : { bytesPerSecond: otherRate }) } }
      : {}),
  };
}

function decodeDelta(message: WatchFlowsResponse__Output, observedAt: number): FlowDelta {
  const base = Math.floor(observedAt / 1000);
  return {
    added: message.added.map((flow) => decodeFlow(flow, observedAt)),
    updated: message.updated.map((update) => decodeUpdate(update, base)),
    removed: message.removed,
  };
}

function decodeFlow(flow: Flow__Output, observedAt: number): Flow {
  const { originalZone, replyZone } = flow;
  const firstSeenAt = decodeTimestamp(flow.firstSeenAt);
  return {
    id: flow.id ?? 0,
    family: (flow.family ?? 0) as Family,
    protocol: within(flow.protocolNumber, 0xff) ?? protocolNumber(flow.protocol ?? '') ?? 0,
    original: decodeTuple(flow.original),
    reply: decodeTuple(flow.reply),
    zone: within(originalZone ?? replyZone ?? flow.zone, 0xffff) ?? 0,
    ...(originalZone !== undefined
      ? { zoneDirection: 'original' }
      : replyZone !== undefined
        ? { zoneDirection: 'reply' }
        : {}),
    // Without it, only one thing is known: the flow existed when the agent reported it.
    firstSeenAt: firstSeenAt ?? observedAt,
    startKnown: firstSeenAt !== undefined && (flow.startKnown ?? false),
    status: decodeStatus(flow, Math.floor(observedAt / 1000)),
    stats: decodeStats(flow.stats),
  };
}

function decodeTuple(tuple: Tuple__Output | null | undefined): Tuple {
  const sourcePort = within(tuple?.sourcePort, 0xffff);
  const destinationPort = within(tuple?.destinationPort, 0xffff);
  const icmpType = within(tuple?.icmpType, 0xff);
  const icmpCode = within(tuple?.icmpCode, 0xff);
  const icmpId = within(tuple?.icmpId, 0xffff);
  return {
    source: tuple?.sourceAddress ?? '',
    destination: tuple?.destinationAddress ?? '',
    ...(sourcePort !== undefined && destinationPort !== undefined ? { sourcePort, destinationPort } : {}),
    ...(icmpType !== undefined && icmpCode !== undefined && icmpId !== undefined ? { icmpType, icmpCode, icmpId } : {}),
  };
}

function decodeUpdate(update: FlowUpdate__Output, base: number): FlowUpdate {
  return {
    id: update.id ?? 0,
    ...(update.state !== undefined ? { status: decodeStatus(update, base) } : {}),
    ...(update.stats ? { stats: decodeStats(update.stats) } : {}),
  };
}

function decodeStatus(from: Flow__Output | FlowUpdate__Output, base: number): FlowStatus {
  const { assured, timeoutSeconds } = from;
  return {
    state: within(from.state, STATE_NAMES.length - 1) ?? NO_STATE,
    replied: from.replied ?? false,
    ...(assured === undefined ? {} : { assured }),
    offloaded: from.offloaded ?? false,
    hardwareOffloaded: from.hardwareOffloaded ?? false,
    ...(timeoutSeconds === undefined ? {} : { expiresAt: Math.max(0, Math.min(base + timeoutSeconds, 0xffffffff)) }),
    mark: from.mark ?? 0,
  };
}

function decodeStats(stats: FlowStats__Output | null | undefined): FlowStats {
  const originalRate = within(stats?.originalBytesPerSecond, MAX_RATE);
  const replyRate = within(stats?.replyBytesPerSecond, MAX_RATE);
  return {
    original: decodeCounters(stats?.original),
    reply: decodeCounters(stats?.reply),
    ...(originalRate === undefined ? {} : { originalRate }),
    ...(replyRate === undefined ? {} : { replyRate }),
  };
}

function decodeCounters(counters: FlowCounters__Output | null | undefined): Counters {
  const { packets, bytes } = counters ?? {};
  return { ...(packets === undefined ? {} : { packets }), ...(bytes === undefined ? {} : { bytes }) };
}

/** Returns a finite number of 0 or more, else undefined. */
function rate(value: number | undefined): number | undefined {
  return value !== undefined && Number.isFinite(value) && value >= 0 ? value : undefined;
}

/** An interval outside these limits gives a timer that never fires or fires at once. */
function interval(seconds: number | undefined): number | undefined {
  return seconds !== undefined && seconds >= MIN_INTERVAL_SECONDS && seconds <= MAX_INTERVAL_SECONDS
    ? seconds
    : undefined;
}

function within(value: number | undefined, most: number): number | undefined {
  return value !== undefined && value >= 0 && value <= most ? value : undefined;
}
