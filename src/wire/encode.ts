import { ADDRESS_BYTES, formatAddress } from '../flow/address.ts';
import type { Changes } from '../flow/changes.ts';
import {
  ASSURED,
  ASSURED_UNKNOWN,
  HARDWARE_OFFLOADED,
  HAS_PORTS,
  NO_EXPIRY,
  OFFLOADED,
  ORIGINAL_SOURCE,
  REPLIED,
  REPLY_SOURCE,
  ROW_ADDRESS_BYTES,
  ROW_PORTS,
  ZONE_ORIGINAL,
  ZONE_REPLY,
} from '../flow/columns.ts';
import type { FlowTable } from '../flow/flow-table.ts';
import { isIcmp, protocolName } from '../flow/protocol.ts';
import type { Flow } from './gen/kflow/v1/Flow.ts';
import type { FlowCounters } from './gen/kflow/v1/FlowCounters.ts';
import type { FlowState } from './gen/kflow/v1/FlowState.ts';
import type { FlowStats } from './gen/kflow/v1/FlowStats.ts';
import type { FlowUpdate } from './gen/kflow/v1/FlowUpdate.ts';
import type { OtherFlows } from './gen/kflow/v1/OtherFlows.ts';
import type { PollStats } from './gen/kflow/v1/PollStats.ts';
import type { Tuple } from './gen/kflow/v1/Tuple.ts';
import type { WatchFlowsResponse } from './gen/kflow/v1/WatchFlowsResponse.ts';
import { encodeTimestamp } from './timestamp.ts';

/**
 * Most items of one message. At some 300 bytes a flow, 60 an update and 8 an id it stays far below 1 MiB; and to make
 * one takes no more than a few milliseconds, which is for how long an event loop may be held.
 */
const MOST_ADDED = 500;
const MOST_UPDATED = 1000;
const MOST_REMOVED = 10_000;

/** What the last message of a poll says besides the changes. */
export interface EndOfPoll {
  /** Unix time in milliseconds, of the version that the changes lead to. On every message. */
  readonly observedAt: number;
  readonly poll: PollStats;
  readonly others?: OtherFlows;
}

/**
 * The messages that carry changes, in order; at least one. Each is made when it is asked for, from the table as it is
 * then: the rows must still be there (`changes.to >= table.floor`). The caller sets `sequence`.
 */
export function* encodeChanges(table: FlowTable, changes: Changes, end: EndOfPoll): Generator<WatchFlowsResponse> {
  const { removed, updated, added, from } = changes;
  const observedAt = encodeTimestamp(end.observedAt);
  const base = Math.floor(end.observedAt / 1000);
  let atRemoved = 0;
  let atUpdated = 0;
  let atAdded = 0;
  for (;;) {
    const message: WatchFlowsResponse = { observedAt };
    if (changes.snapshot) message.snapshot = true;
    // Small changes of all kinds share a message.
    let room = 1;
    const nextRemoved = Math.min(removed.length, atRemoved + MOST_REMOVED);
    if (nextRemoved > atRemoved) message.removed = removed.slice(atRemoved, nextRemoved);
    room -= (nextRemoved - atRemoved) / MOST_REMOVED;
    atRemoved = nextRemoved;
    const nextUpdated = Math.min(updated.length, atUpdated + Math.floor(room * MOST_UPDATED));
    if (nextUpdated > atUpdated)
      message.updated = updated.slice(atUpdated, nextUpdated).map((slot) => encodeUpdate(table, slot, from, base));
    room -= (nextUpdated - atUpdated) / MOST_UPDATED;
    atUpdated = nextUpdated;
    const nextAdded = Math.min(added.length, atAdded + Math.floor(room * MOST_ADDED));
    if (nextAdded > atAdded)
      message.added = added.slice(atAdded, nextAdded).map((slot) => encodeFlow(table, slot, base));
    atAdded = nextAdded;
    if (atRemoved < removed.length || atUpdated < updated.length || atAdded < added.length) {
      yield message;
      continue;
    }
    message.endOfPoll = true;
    message.poll = end.poll;
    if (end.others) message.others = end.others;
    yield message;
    return;
  }
}

// Zeros of fields without presence are left out: protobufjs would send them.
function encodeFlow(table: FlowTable, slot: number, base: number): Flow {
  const { columns } = table;
  const flags = columns.flags[slot] as number;
  const protocol = columns.protocol[slot] as number;
  const zone = columns.zone[slot] as number;
  const mark = columns.mark[slot] as number;
  const expiresAt = columns.expiresAt[slot] as number;
  const flow: Flow = {
    id: columns.id[slot] as number,
    family: columns.family[slot] as number,
    protocol: protocolName(protocol),
    protocolNumber: protocol,
    original: encodeTuple(table, slot, ORIGINAL_SOURCE, 0),
    reply: encodeTuple(table, slot, REPLY_SOURCE, 2),
    stats: encodeStats(table, slot),
    firstSeenAt: encodeTimestamp(columns.firstSeenAt[slot] as number),
  };
  const state = columns.state[slot] as FlowState;
  if (state !== 0) flow.state = state;
  if (flags & REPLIED) flow.replied = true;
  if (!(flags & ASSURED_UNKNOWN)) flow.assured = (flags & ASSURED) !== 0;
  if (flags & OFFLOADED) flow.offloaded = true;
  if (flags & HARDWARE_OFFLOADED) flow.hardwareOffloaded = true;
  if (expiresAt !== NO_EXPIRY) flow.timeoutSeconds = Math.max(0, expiresAt - base);
  if (mark !== 0) flow.mark = mark;
  if (flags & ZONE_ORIGINAL) flow.originalZone = zone;
  else if (flags & ZONE_REPLY) flow.replyZone = zone;
  else if (zone !== 0) flow.zone = zone;
  return flow;
}

function encodeTuple(table: FlowTable, slot: number, offset: number, cellOffset: number): Tuple {
  const { columns } = table;
  const family = columns.family[slot] as number;
  const at = slot * ROW_ADDRESS_BYTES + offset;
  const tuple: Tuple = {
    sourceAddress: formatAddress(family, columns.addresses, at),
    destinationAddress: formatAddress(family, columns.addresses, at + ADDRESS_BYTES),
  };
  const cell = slot * ROW_PORTS + cellOffset;
  const first = columns.ports[cell] as number;
  const second = columns.ports[cell + 1] as number;
  if ((columns.flags[slot] as number) & HAS_PORTS) {
    tuple.sourcePort = first;
    tuple.destinationPort = second;
  } else if (isIcmp(columns.protocol[slot] as number)) {
    tuple.icmpType = first >> 8;
    tuple.icmpCode = first & 0xff;
    tuple.icmpId = second;
  }
  return tuple;
}

function encodeStats(table: FlowTable, slot: number): FlowStats {
  const { columns } = table;
  const stats: FlowStats = {};
  const originalRate = columns.originalRate[slot] as number;
  const replyRate = columns.replyRate[slot] as number;
  const original = encodeCounters(columns.originalPackets[slot] as number, columns.originalBytes[slot] as number);
  const reply = encodeCounters(columns.replyPackets[slot] as number, columns.replyBytes[slot] as number);
  if (original) stats.original = original;
  if (reply) stats.reply = reply;
  if (!Number.isNaN(originalRate)) stats.originalBytesPerSecond = originalRate;
  if (!Number.isNaN(replyRate)) stats.replyBytesPerSecond = replyRate;
  return stats;
}

function encodeCounters(packets: number, bytes: number): FlowCounters | undefined {
  if (Number.isNaN(packets) && Number.isNaN(bytes)) return undefined;
  const counters: FlowCounters = {};
  if (!Number.isNaN(packets)) counters.packets = packets;
  if (!Number.isNaN(bytes)) counters.bytes = bytes;
  return counters;
}

function encodeUpdate(table: FlowTable, slot: number, since: number, base: number): FlowUpdate {
  const { columns } = table;
  const update: FlowUpdate = { id: columns.id[slot] as number };
  if ((columns.statsVersion[slot] as number) > since) update.stats = encodeStats(table, slot);
  if ((columns.stateVersion[slot] as number) <= since) return update;
  const flags = columns.flags[slot] as number;
  const expiresAt = columns.expiresAt[slot] as number;
  update.state = columns.state[slot] as FlowState;
  update.replied = (flags & REPLIED) !== 0;
  if (!(flags & ASSURED_UNKNOWN)) update.assured = (flags & ASSURED) !== 0;
  update.offloaded = (flags & OFFLOADED) !== 0;
  update.hardwareOffloaded = (flags & HARDWARE_OFFLOADED) !== 0;
  if (expiresAt !== NO_EXPIRY) update.timeoutSeconds = Math.max(0, expiresAt - base);
  update.mark = columns.mark[slot] as number;
  return update;
}
