import type { Changes } from '../flow/changes.ts';
import type { FlowTable } from '../flow/flow-table.ts';
import { MAX_FLOW_BYTES, MAX_UPDATE_BYTES, writeFlowField, writeUpdateField } from './encode-flow.ts';
import type { OtherFlows } from './gen/kflow/v1/OtherFlows.ts';
import type { PollStats } from './gen/kflow/v1/PollStats.ts';
import type { WatchFlowsResponse } from './gen/kflow/v1/WatchFlowsResponse.ts';
import { BYTES, ProtobufWriter } from './protobuf-writer.ts';
import { serializeResponse } from './service.ts';
import { encodeTimestamp } from './timestamp.ts';

/**
 * Maximum items per message. They keep every message below 256 KiB (480 bytes per flow, 160 per update, 9 per id). Encoding or
 * decoding a message then holds an event loop for only a few milliseconds.
 */
const MAX_ADDED = 500;
const MAX_UPDATED = 1500;
const MAX_REMOVED = 20_000;
const MAX_ID_BYTES = 9;

/** What the last message of a poll carries apart from the changes. */
export interface PollTrailer {
  /** Unix time in milliseconds of the version that the changes lead to. Sent in every message. */
  readonly observedAt: number;
  readonly poll: PollStats;
  readonly others?: OtherFlows;
}

export interface EncodedMessage {
  /** A WatchFlowsResponse. */
  readonly bytes: Buffer;
  readonly endOfPoll: boolean;
}

// One writer for all messages: each is encoded without interruption, then copied out.
const writer = new ProtobufWriter(
  Math.max(MAX_ADDED * MAX_FLOW_BYTES, MAX_UPDATED * MAX_UPDATE_BYTES, MAX_REMOVED * MAX_ID_BYTES) + 1024,
);

/**
 * Yields the messages that carry the changes, in order; at least one. Each is encoded on demand from the current table, so the
 * rows must still exist (`changes.to >= table.floor`). `sequence`: number of the first message.
 */
export function* encodeChanges(
  table: FlowTable,
  changes: Changes,
  end: PollTrailer,
  sequence: number,
): Generator<EncodedMessage> {
  const { removed, updated, added, from } = changes;
  const observedAt = encodeTimestamp(end.observedAt);
  const base = Math.floor(end.observedAt / 1000);
  let atRemoved = 0;
  let atUpdated = 0;
  let atAdded = 0;
  for (let number = sequence; ; number++) {
    const { columns } = table;
    // Small changes of all kinds share a message.
    let room = 1;
    const toRemoved = Math.min(removed.length, atRemoved + MAX_REMOVED);
    if (toRemoved > atRemoved) writeIds(7, removed, atRemoved, toRemoved);
    room -= (toRemoved - atRemoved) / MAX_REMOVED;
    atRemoved = toRemoved;
    const toUpdated = Math.min(updated.length, atUpdated + Math.floor(room * MAX_UPDATED));
    room -= (toUpdated - atUpdated) / MAX_UPDATED;
    for (; atUpdated < toUpdated; atUpdated++)
      writeUpdateField(writer, 6, columns, updated[atUpdated] as number, from, base);
    const toAdded = Math.min(added.length, atAdded + Math.floor(room * MAX_ADDED));
    for (; atAdded < toAdded; atAdded++) writeFlowField(writer, 5, columns, added[atAdded] as number, base);

    const endOfPoll = atRemoved === removed.length && atUpdated === updated.length && atAdded === added.length;
    const head: WatchFlowsResponse = { sequence: number, observedAt };
    if (changes.snapshot) head.snapshot = true;
    if (endOfPoll) {
      head.endOfPoll = true;
      head.poll = end.poll;
      if (end.others) head.others = end.others;
    }
    yield { bytes: writer.finish(serializeResponse(head)), endOfPoll };
    if (endOfPoll) return;
  }
}

/** Writes a packed field. */
function writeIds(field: number, ids: Float64Array, from: number, to: number): void {
  writer.tag(field, BYTES);
  const start = writer.open();
  for (let i = from; i < to; i++) writer.varint(ids[i] as number);
  writer.close(start);
}
