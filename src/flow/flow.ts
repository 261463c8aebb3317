import { ADDRESS_BYTES, type Family, parseAddress } from './address.ts';
import { ORIGINAL_SOURCE, REPLY_SOURCE, ROW_ADDRESS_BYTES, ROW_ADDRESSES } from './address-column.ts';
import {
  ASSURED,
  ASSURED_UNKNOWN,
  HARDWARE_OFFLOADED,
  HAS_PORTS,
  LASTING_FLAGS,
  NO_EXPIRY,
  OFFLOADED,
  REPLIED,
  ROW_PORTS,
  START_KNOWN,
  UNKNOWN_VALUE,
  ZONE_ORIGINAL,
  ZONE_REPLY,
} from './columns.ts';
import type { FlowTable } from './flow-table.ts';
import { isIcmp } from './protocol.ts';

/** The packets of one direction of a connection. */
export interface Tuple {
  /** Canonical text: dotted IPv4, RFC 5952 IPv6. */
  readonly source: string;
  readonly destination: string;
  /** Also holds GRE keys. Absent for protocols without ports. */
  readonly sourcePort?: number;
  readonly destinationPort?: number;
  /** icmp and icmpv6 only. */
  readonly icmpType?: number;
  readonly icmpCode?: number;
  readonly icmpId?: number;
}

/** Absent: the kernel does not count packets (net.netfilter.nf_conntrack_acct is off). */
export interface Counters {
  readonly packets?: number;
  readonly bytes?: number;
}

/** From conntrack accounting. Rates are bytes per second over the last two polls; absent if unknown. */
export interface FlowStats {
  readonly original: Counters;
  readonly reply: Counters;
  readonly originalRate?: number;
  readonly replyRate?: number;
}

/** The fields of an entry, other than counters, that the kernel changes. */
export interface FlowStatus {
  /** An index into `STATE_NAMES`. */
  readonly state: number;
  readonly replied: boolean;
  /** Absent if unknown: the kernel does not report it for an offloaded entry. */
  readonly assured?: boolean;
  readonly offloaded: boolean;
  readonly hardwareOffloaded: boolean;
  /** Unix time in seconds. Absent for an offloaded entry. */
  readonly expiresAt?: number;
  readonly mark: number;
}

/** One entry of a conntrack table as an object, for input and output. Internally, flows live in the columns of a FlowTable. */
export interface Flow {
  readonly id: number;
  readonly family: Family;
  readonly protocol: number;
  readonly original: Tuple;
  readonly reply: Tuple;
  readonly zone: number;
  /** Absent: the zone applies to both directions. */
  readonly zoneDirection?: 'original' | 'reply';
  /** Unix time in milliseconds. */
  readonly firstSeenAt: number;
  /** Whether `firstSeenAt` is when the connection began. If not, the connection is at least that old. */
  readonly startKnown: boolean;
  readonly status: FlowStatus;
  readonly stats: FlowStats;
}

/** The parts that are present replace those of the flow. */
export interface FlowUpdate {
  readonly id: number;
  readonly status?: FlowStatus;
  readonly stats?: FlowStats;
}

export function readFlow(table: FlowTable, slot: number): Flow {
  const { columns } = table;
  const flags = columns.flags[slot] as number;
  return {
    id: columns.id[slot] as number,
    family: columns.family[slot] as Family,
    protocol: columns.protocol[slot] as number,
    original: readTuple(table, slot, ORIGINAL_SOURCE),
    reply: readTuple(table, slot, REPLY_SOURCE),
    zone: columns.zone[slot] as number,
    ...(flags & ZONE_ORIGINAL ? { zoneDirection: 'original' } : flags & ZONE_REPLY ? { zoneDirection: 'reply' } : {}),
    firstSeenAt: columns.firstSeenAt[slot] as number,
    startKnown: (flags & START_KNOWN) !== 0,
    status: readStatus(table, slot),
    stats: readStats(table, slot),
  };
}

/** `first`: index of the tuple's first address and port in the row. */
function readTuple(table: FlowTable, slot: number, first: number): Tuple {
  const { columns } = table;
  const family = columns.family[slot] as number;
  const protocol = columns.protocol[slot] as number;
  const source = columns.addresses.format(family, slot * ROW_ADDRESSES + first);
  const destination = columns.addresses.format(family, slot * ROW_ADDRESSES + first + 1);
  const port = columns.ports[slot * ROW_PORTS + first] as number;
  const nextPort = columns.ports[slot * ROW_PORTS + first + 1] as number;
  if ((columns.flags[slot] as number) & HAS_PORTS)
    return { source, destination, sourcePort: port, destinationPort: nextPort };
  if (!isIcmp(protocol)) return { source, destination };
  return { source, destination, icmpType: port >> 8, icmpCode: port & 0xff, icmpId: nextPort };
}

function readStatus(table: FlowTable, slot: number): FlowStatus {
  const { columns } = table;
  const flags = columns.flags[slot] as number;
  const expiresAt = columns.expiresAt[slot] as number;
  return {
    state: columns.state[slot] as number,
    replied: (flags & REPLIED) !== 0,
    ...(flags & ASSURED_UNKNOWN ? {} : { assured: (flags & ASSURED) !== 0 }),
    offloaded: (flags & OFFLOADED) !== 0,
    hardwareOffloaded: (flags & HARDWARE_OFFLOADED) !== 0,
    ...(expiresAt === NO_EXPIRY ? {} : { expiresAt }),
    mark: columns.mark[slot] as number,
  };
}

function readStats(table: FlowTable, slot: number): FlowStats {
  const { columns } = table;
  const originalRate = columns.originalRate[slot] as number;
  const replyRate = columns.replyRate[slot] as number;
  return {
    original: readCounters(columns.originalPackets.get(slot), columns.originalBytes.get(slot)),
    reply: readCounters(columns.replyPackets.get(slot), columns.replyBytes.get(slot)),
    ...(Number.isNaN(originalRate) ? {} : { originalRate }),
    ...(Number.isNaN(replyRate) ? {} : { replyRate }),
  };
}

function readCounters(packets: number, bytes: number): Counters {
  return { ...(Number.isNaN(packets) ? {} : { packets }), ...(Number.isNaN(bytes) ? {} : { bytes }) };
}

/** Inserts a flow under its own id. Returns undefined, and leaves the table unchanged, if an address does not match the flow's family. */
export function writeFlow(table: FlowTable, flow: Flow): number | undefined {
  if (!parseAddresses(flow.original, flow.family, ORIGINAL_SOURCE)) return undefined;
  if (!parseAddresses(flow.reply, flow.family, REPLY_SOURCE)) return undefined;
  const slot = table.insert(flow.id);
  const { columns } = table;
  columns.family[slot] = flow.family;
  columns.addresses.write(slot, flow.family, parsed);
  writePorts(table, slot, ORIGINAL_SOURCE, flow.original, flow.protocol);
  writePorts(table, slot, REPLY_SOURCE, flow.reply, flow.protocol);
  columns.protocol[slot] = flow.protocol;
  columns.zone[slot] = flow.zone;
  columns.firstSeenAt[slot] = flow.firstSeenAt;
  columns.flags[slot] =
    (flow.zoneDirection === 'original' ? ZONE_ORIGINAL : flow.zoneDirection === 'reply' ? ZONE_REPLY : 0) |
    (flow.startKnown ? START_KNOWN : 0) |
    (flow.original.sourcePort === undefined ? 0 : HAS_PORTS);
  writeStatus(table, slot, flow.status);
  writeStats(table, slot, flow.stats);
  return slot;
}

/** The addresses of the row that is being written. */
const parsed = new Uint8Array(ROW_ADDRESS_BYTES);

/** Returns false if an address is not of the family. */
function parseAddresses({ source, destination }: Tuple, family: Family, first: number): boolean {
  const at = first * ADDRESS_BYTES;
  return (
    parseAddress(source, parsed, at) === family && parseAddress(destination, parsed, at + ADDRESS_BYTES) === family
  );
}

function writePorts({ columns: { ports } }: FlowTable, slot: number, first: number, tuple: Tuple, protocol: number) {
  const cell = slot * ROW_PORTS + first;
  const icmp = isIcmp(protocol);
  ports[cell] = icmp ? ((tuple.icmpType ?? 0) << 8) | (tuple.icmpCode ?? 0) : (tuple.sourcePort ?? 0);
  ports[cell + 1] = (icmp ? tuple.icmpId : tuple.destinationPort) ?? 0;
}

export function writeStatus(table: FlowTable, slot: number, status: FlowStatus): void {
  const { columns } = table;
  columns.state[slot] = status.state;
  columns.flags[slot] =
    ((columns.flags[slot] as number) & LASTING_FLAGS) |
    (status.replied ? REPLIED : 0) |
    (status.assured === undefined ? ASSURED_UNKNOWN : status.assured ? ASSURED : 0) |
    (status.offloaded ? OFFLOADED : 0) |
    (status.hardwareOffloaded ? HARDWARE_OFFLOADED : 0);
  columns.expiresAt[slot] = status.expiresAt ?? NO_EXPIRY;
  columns.mark[slot] = status.mark;
  table.markStateChanged(slot);
}

export function writeStats(table: FlowTable, slot: number, stats: FlowStats): void {
  const { columns } = table;
  columns.originalPackets.set(slot, stats.original.packets ?? UNKNOWN_VALUE);
  columns.originalBytes.set(slot, stats.original.bytes ?? UNKNOWN_VALUE);
  columns.replyPackets.set(slot, stats.reply.packets ?? UNKNOWN_VALUE);
  columns.replyBytes.set(slot, stats.reply.bytes ?? UNKNOWN_VALUE);
  columns.originalRate[slot] = stats.originalRate ?? UNKNOWN_VALUE;
  columns.replyRate[slot] = stats.replyRate ?? UNKNOWN_VALUE;
  table.markStatsChanged(slot);
}
