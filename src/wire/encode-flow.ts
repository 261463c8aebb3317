import { ROW_ADDRESSES } from '../flow/address-column.ts';
import {
  ASSURED,
  ASSURED_UNKNOWN,
  type FlowColumns,
  HARDWARE_OFFLOADED,
  HAS_PORTS,
  NO_EXPIRY,
  OFFLOADED,
  REPLIED,
  ROW_PORTS,
  START_KNOWN,
  ZONE_ORIGINAL,
  ZONE_REPLY,
} from '../flow/columns.ts';
import { isIcmp, protocolName } from '../flow/protocol.ts';
import { BYTES, type ProtobufWriter } from './protobuf-writer.ts';

/**
 * Encodes rows as the bytes of messages, by the field numbers of flows.proto. It is hand-written because a snapshot has hundreds
 * of thousands of flows: with the library, the objects for each flow, its tuples and its counters cost the most. A test checks
 * the output with the library.
 */

/** Upper bounds for the encoded size of any row. */
export const MAX_FLOW_BYTES = 480;
export const MAX_UPDATE_BYTES = 160;

/** Writes a row as field `field` of type Flow. `base`: time of the poll, in unix seconds. Omits zeros of fields without presence. */
export function writeFlowField(
  out: ProtobufWriter,
  field: number,
  columns: FlowColumns,
  slot: number,
  base: number,
): void {
  const flags = columns.flags[slot] as number;
  const protocol = columns.protocol[slot] as number;
  const state = columns.state[slot] as number;
  const zone = columns.zone[slot] as number;
  const mark = columns.mark[slot] as number;
  const expiresAt = columns.expiresAt[slot] as number;
  out.tag(field, BYTES);
  const start = out.open();
  out.uint(1, columns.id[slot] as number);
  out.uint(2, columns.family[slot] as number);
  out.ascii(3, protocolName(protocol));
  if (protocol !== 0) out.uint(4, protocol);
  writeTuple(out, 5, columns, slot, 0);
  writeTuple(out, 6, columns, slot, 1);
  if (state !== 0) out.uint(7, state);
  if (flags & REPLIED) out.bool(8, true);
  if (!(flags & ASSURED_UNKNOWN)) out.bool(9, (flags & ASSURED) !== 0);
  if (flags & OFFLOADED) out.bool(10, true);
  writeStats(out, 11, columns, slot);
  if (expiresAt !== NO_EXPIRY) out.uint(12, Math.max(0, expiresAt - base));
  if (mark !== 0) out.uint(13, mark);
  const oneWay = (flags & (ZONE_ORIGINAL | ZONE_REPLY)) !== 0;
  if (zone !== 0 && !oneWay) out.uint(14, zone);
  writeTime(out, 15, columns.firstSeenAt[slot] as number);
  if (oneWay) out.uint(flags & ZONE_ORIGINAL ? 16 : 17, zone);
  if (flags & HARDWARE_OFFLOADED) out.bool(18, true);
  if (flags & START_KNOWN) out.bool(19, true);
  out.close(start);
}

/** Writes the changes of a row since version `since`, as a field of type FlowUpdate. */
export function writeUpdateField(
  out: ProtobufWriter,
  field: number,
  columns: FlowColumns,
  slot: number,
  since: number,
  base: number,
): void {
  out.tag(field, BYTES);
  const start = out.open();
  out.uint(1, columns.id[slot] as number);
  if ((columns.statsVersion[slot] as number) > since) writeStats(out, 2, columns, slot);
  if ((columns.stateVersion[slot] as number) > since) {
    const flags = columns.flags[slot] as number;
    const expiresAt = columns.expiresAt[slot] as number;
    out.uint(3, columns.state[slot] as number);
    out.bool(4, (flags & REPLIED) !== 0);
    if (!(flags & ASSURED_UNKNOWN)) out.bool(5, (flags & ASSURED) !== 0);
    out.bool(6, (flags & OFFLOADED) !== 0);
    if (expiresAt !== NO_EXPIRY) out.uint(7, Math.max(0, expiresAt - base));
    out.uint(8, columns.mark[slot] as number);
    out.bool(9, (flags & HARDWARE_OFFLOADED) !== 0);
  }
  out.close(start);
}

function writeTuple(out: ProtobufWriter, field: number, columns: FlowColumns, slot: number, which: 0 | 1): void {
  out.tag(field, BYTES);
  const start = out.open();
  const end = which * 2;
  writeAddress(out, 1, columns, slot, end);
  writeAddress(out, 2, columns, slot, end + 1);
  const first = columns.ports[slot * ROW_PORTS + end] as number;
  const second = columns.ports[slot * ROW_PORTS + end + 1] as number;
  if ((columns.flags[slot] as number) & HAS_PORTS) {
    out.uint(3, first);
    out.uint(4, second);
  } else if (isIcmp(columns.protocol[slot] as number)) {
    out.uint(5, first >> 8);
    out.uint(6, first & 0xff);
    out.uint(7, second);
  }
  out.close(start);
}

function writeAddress(out: ProtobufWriter, field: number, columns: FlowColumns, slot: number, end: number): void {
  const cell = slot * ROW_ADDRESSES + end;
  if (columns.family[slot] === 4) out.dotted(field, columns.addresses.cells[cell] as number);
  else out.ascii(field, columns.addresses.format(6, cell));
}

function writeStats(out: ProtobufWriter, field: number, columns: FlowColumns, slot: number): void {
  const originalRate = columns.originalRate[slot] as number;
  const replyRate = columns.replyRate[slot] as number;
  out.tag(field, BYTES);
  const start = out.open();
  writeCounters(out, 1, columns.originalPackets.get(slot), columns.originalBytes.get(slot));
  writeCounters(out, 2, columns.replyPackets.get(slot), columns.replyBytes.get(slot));
  if (!Number.isNaN(originalRate)) out.double(3, originalRate);
  if (!Number.isNaN(replyRate)) out.double(4, replyRate);
  out.close(start);
}

function writeCounters(out: ProtobufWriter, field: number, packets: number, bytes: number): void {
  if (Number.isNaN(packets) && Number.isNaN(bytes)) return;
  out.tag(field, BYTES);
  const start = out.open();
  if (!Number.isNaN(packets)) out.uint(1, packets);
  if (!Number.isNaN(bytes)) out.uint(2, bytes);
  out.close(start);
}

/** Writes a google.protobuf.Timestamp from unix time in milliseconds. */
function writeTime(out: ProtobufWriter, field: number, milliseconds: number): void {
  const whole = Math.max(0, Math.round(milliseconds));
  const seconds = Math.floor(whole / 1000);
  const nanos = (whole - seconds * 1000) * 1_000_000;
  out.tag(field, BYTES);
  const start = out.open();
  if (seconds !== 0) out.uint(1, seconds);
  if (nanos !== 0) out.uint(2, nanos);
  out.close(start);
}
