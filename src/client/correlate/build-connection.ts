import type { Family } from '../../flow/address.ts';
import { ASSURED, ASSURED_UNKNOWN, type FlowColumns, NO_EXPIRY, OFFLOADED, REPLIED } from '../../flow/columns.ts';
import { isIcmp } from '../../flow/protocol.ts';
import type { CleanText } from '../format/sanitize.ts';
import type { Connection, Hop } from '../model/connection.ts';
import type { IsAuthoritative } from './authority.ts';
import type { Start } from './connection-start.ts';
import type { ConnectionEndpoints } from './endpoints.ts';
import { type EntryGraph, NONE } from './entry-graph.ts';
import type { TableCursor } from './table-cursor.ts';
import type { TupleInterner } from './tuple-interner.ts';

type Writable<T> = { -readonly [Key in keyof T]: T[Key] };

function buildHop(entry: number, entries: EntryGraph, pairs: TupleInterner, agent: TableCursor): Hop {
  const { columns } = agent;
  const slot = entries.slot[entry] as number;
  const sent = columns.originalBytes.get(slot);
  const received = columns.replyBytes.get(slot);
  const sentRate = columns.originalRate[slot] as number;
  const receivedRate = columns.replyRate[slot] as number;
  // Written out for the usual case: adding properties one by one takes time and memory, and there may be 250,000 objects.
  if (!Number.isNaN(sent + received + sentRate + receivedRate)) {
    return {
      agent: agent.key,
      node: agent.node,
      flow: entries.flow[entry] as number,
      original: pairs.forward(entries.enter[entry] as number),
      reply: pairs.backward(entries.leave[entry] as number),
      state: columns.state[slot] as number,
      zone: columns.zone[slot] as number,
      sentBytes: sent,
      receivedBytes: received,
      sentRate,
      receivedRate,
    };
  }
  const hop: Writable<Hop> = {
    agent: agent.key,
    node: agent.node,
    flow: entries.flow[entry] as number,
    original: pairs.forward(entries.enter[entry] as number),
    reply: pairs.backward(entries.leave[entry] as number),
    state: columns.state[slot] as number,
    zone: columns.zone[slot] as number,
  };
  if (!Number.isNaN(sent)) hop.sentBytes = sent;
  if (!Number.isNaN(received)) hop.receivedBytes = received;
  if (!Number.isNaN(sentRate)) hop.sentRate = sentRate;
  if (!Number.isNaN(receivedRate)) hop.receivedRate = receivedRate;
  return hop;
}

/** An array that grows by `push` reserves sixteen elements; nearly all chains have one or two. */
function buildHops(
  head: number,
  entries: EntryGraph,
  pairs: TupleInterner,
  agents: readonly (TableCursor | undefined)[],
): Hop[] {
  const hop = (entry: number): Hop => {
    let known = entries.hops[entry];
    if (known === undefined) {
      known = buildHop(entry, entries, pairs, agents[entries.agent[entry] as number] as TableCursor);
      entries.hops[entry] = known;
    }
    return known;
  };
  const second = entries.next[head] as number;
  if (second === NONE) return [hop(head)];
  const hops = [hop(head), hop(second)];
  for (let entry = entries.next[second] as number; entry !== NONE; entry = entries.next[entry] as number)
    hops.push(hop(entry));
  return hops;
}

/**
 * Builds the connection of a chain of entries. `first` is the pair with which the source sends, `last` the one with which the
 * destination receives. `isAuthoritative`: the entries that count; absent: all. Totals count a connection once: they, and its state, are those of the hop
 * nearest to the source that knows them and whose agent is neither stale nor lost.
 * Bytes and packets come from one hop, and so do both rates: no sum mixes two polls.
 */
export function buildConnection(
  id: number,
  head: number,
  first: number,
  last: number,
  endpoints: ConnectionEndpoints,
  { firstSeenAt, startedAt }: Start,
  entries: EntryGraph,
  pairs: TupleInterner,
  agents: readonly (TableCursor | undefined)[],
  isAuthoritative?: IsAuthoritative,
  disputed?: CleanText,
): Connection {
  const hops = buildHops(head, entries, pairs, agents);
  let main = NONE;
  let firstAuthoritative = NONE;
  let counted = NONE;
  let rated = NONE;
  // Live agents first; the values of a stale agent are better than none.
  let staleCounted = NONE;
  let staleRated = NONE;
  for (let entry = head; entry !== NONE; entry = entries.next[entry] as number) {
    if (isAuthoritative !== undefined && !isAuthoritative(entry)) continue;
    if (firstAuthoritative === NONE) firstAuthoritative = entry;
    const agent = agents[entries.agent[entry] as number] as TableCursor;
    const hop = entries.hops[entry] as Hop;
    const knowsBytes = hop.sentBytes !== undefined || hop.receivedBytes !== undefined;
    const knowsRate = hop.sentRate !== undefined || hop.receivedRate !== undefined;
    if (agent.stale) {
      if (knowsBytes && staleCounted === NONE) staleCounted = entry;
      if (knowsRate && staleRated === NONE) staleRated = entry;
    } else {
      if (main === NONE) main = entry;
      if (knowsBytes && counted === NONE) counted = entry;
      if (knowsRate && rated === NONE) rated = entry;
    }
  }
  const stale = main === NONE;
  if (stale) main = firstAuthoritative;
  if (counted === NONE) counted = staleCounted;
  if (rated === NONE) rated = staleRated;

  const bytes = counted === NONE ? undefined : entries.hops[counted];
  const rates = rated === NONE ? undefined : entries.hops[rated];
  const columns = agents[entries.agent[main] as number]?.columns as FlowColumns;
  const slot = entries.slot[main] as number;
  const packets = agents[entries.agent[counted] ?? NONE]?.columns;
  const packetsSlot = entries.slot[counted] ?? NONE;
  const sentPackets = packets?.originalPackets.get(packetsSlot) ?? Number.NaN;
  const receivedPackets = packets?.replyPackets.get(packetsSlot) ?? Number.NaN;
  const flags = columns.flags[slot] as number;
  const expiresAt = columns.expiresAt[slot] as number;
  const isUsual =
    pairs.hasPorts(first) &&
    !(flags & ASSURED_UNKNOWN) &&
    expiresAt !== NO_EXPIRY &&
    bytes?.sentBytes !== undefined &&
    bytes.receivedBytes !== undefined &&
    rates?.sentRate !== undefined &&
    rates.receivedRate !== undefined &&
    !Number.isNaN(sentPackets + receivedPackets);
  // Written out for the usual case, like hops.
  if (isUsual) {
    const usual: Writable<Connection> = {
      id,
      family: columns.family[slot] as Family,
      protocol: pairs.protocol(first),
      source: endpoints.source,
      sourcePort: pairs.firstPort(first),
      destination: endpoints.destination,
      destinationPort: pairs.secondPort(last),
      state: columns.state[slot] as number,
      replied: (flags & REPLIED) !== 0,
      assured: (flags & ASSURED) !== 0,
      offloaded: (flags & OFFLOADED) !== 0,
      mark: columns.mark[slot] as number,
      zone: columns.zone[slot] as number,
      sentRate: rates.sentRate,
      receivedRate: rates.receivedRate,
      sentBytes: bytes.sentBytes,
      receivedBytes: bytes.receivedBytes,
      sentPackets,
      receivedPackets,
      firstSeenAt,
      expiresAt,
      hops,
      stale,
    };
    return completeConnection(usual, endpoints, startedAt, disputed);
  }
  const connection: Writable<Connection> = {
    id,
    family: columns.family[slot] as Family,
    protocol: pairs.protocol(first),
    source: endpoints.source,
    destination: endpoints.destination,
    state: columns.state[slot] as number,
    replied: (flags & REPLIED) !== 0,
    offloaded: (flags & OFFLOADED) !== 0,
    mark: columns.mark[slot] as number,
    zone: columns.zone[slot] as number,
    firstSeenAt,
    hops,
    stale,
  };
  if (pairs.hasPorts(first)) {
    connection.sourcePort = pairs.firstPort(first);
    connection.destinationPort = pairs.secondPort(last);
  } else if (isIcmp(connection.protocol)) {
    const cell = pairs.firstPort(first);
    connection.icmp = { type: cell >> 8, code: cell & 0xff, id: pairs.secondPort(first) };
  }
  if (!(flags & ASSURED_UNKNOWN)) connection.assured = (flags & ASSURED) !== 0;
  if (expiresAt !== NO_EXPIRY) connection.expiresAt = expiresAt;
  if (bytes?.sentBytes !== undefined) connection.sentBytes = bytes.sentBytes;
  if (bytes?.receivedBytes !== undefined) connection.receivedBytes = bytes.receivedBytes;
  if (!Number.isNaN(sentPackets)) connection.sentPackets = sentPackets;
  if (!Number.isNaN(receivedPackets)) connection.receivedPackets = receivedPackets;
  if (rates?.sentRate !== undefined) connection.sentRate = rates.sentRate;
  if (rates?.receivedRate !== undefined) connection.receivedRate = rates.receivedRate;
  return completeConnection(connection, endpoints, startedAt, disputed);
}

function completeConnection(
  connection: Writable<Connection>,
  { service, snat, incomplete }: ConnectionEndpoints,
  startedAt: number | undefined,
  disputed: CleanText | undefined,
): Connection {
  if (startedAt !== undefined) connection.startedAt = startedAt;
  const zones = distinctZones(connection.hops);
  if (zones !== undefined) connection.zones = zones;
  if (service !== undefined) connection.service = service;
  if (snat !== undefined) connection.snat = snat;
  if (incomplete !== undefined) connection.incomplete = incomplete;
  if (disputed !== undefined) connection.disputed = disputed;
  return connection;
}

/** The distinct zones of these hops in ascending order; undefined: all are the same. */
function distinctZones(hops: readonly Hop[]): number[] | undefined {
  const first = hops[0]?.zone;
  if (hops.every(({ zone }) => zone === first)) return undefined;
  return [...new Set(hops.map(({ zone }) => zone ?? 0))].sort((a, b) => a - b);
}
