import { NO_EXPIRY, START_KNOWN } from '../../flow/columns.ts';
import { TCP } from '../../flow/protocol.ts';
import { stateNumber } from '../../flow/state.ts';
import type { Connection } from '../model/connection.ts';
import type { TableCursor } from './agent-input.ts';
import type { IsAuthoritative } from './authorities.ts';
import { type EntryGraph, NONE } from './entry-graph.ts';

/** When a connection was first seen, and when it began, where that is known. */
export type Start = Pick<Connection, 'firstSeenAt' | 'startedAt'>;

/** When the first of the agents saw it, in unix milliseconds. */
export function firstSeen(
  head: number,
  entries: EntryGraph,
  agents: readonly (TableCursor | undefined)[],
  speaks: IsAuthoritative | undefined,
): number {
  let first = Number.POSITIVE_INFINITY;
  for (let entry = head; entry !== NONE; entry = entries.next[entry] as number) {
    if (speaks !== undefined && !speaks(entry)) continue;
    const { columns } = agents[entries.agent[entry] as number] as TableCursor;
    first = Math.min(first, columns.firstSeenAt[entries.slot[entry] as number] as number);
  }
  return first;
}

/** Whether one of the agents saw it begin, at that time. */
export function isStartKnown(
  at: number,
  head: number,
  entries: EntryGraph,
  agents: readonly (TableCursor | undefined)[],
  speaks: IsAuthoritative | undefined,
): boolean {
  for (let entry = head; entry !== NONE; entry = entries.next[entry] as number) {
    if (speaks !== undefined && !speaks(entry)) continue;
    const { columns } = agents[entries.agent[entry] as number] as TableCursor;
    const slot = entries.slot[entry] as number;
    if (columns.firstSeenAt[slot] === at && ((columns.flags[slot] as number) & START_KNOWN) !== 0) return true;
  }
  return false;
}

const TIME_WAIT = stateNumber('TIME_WAIT');
/** How long an entry is kept in TIME_WAIT, and what clocks may differ by. */
const CLOSED_MS = 120_000 + 60_000;

/**
 * Since when who it is about may have had its addresses: unix milliseconds. Where it is not known when it began, that may be
 * any time ago; but both sides have taken part in closing it, so where that is seen, both were there a short while ago.
 * Other timeouts tell nothing: packets of one side alone restart them, and each node may have its own.
 */
export function earliestTime(
  { firstSeenAt, startedAt }: Start,
  head: number,
  entries: EntryGraph,
  agents: readonly (TableCursor | undefined)[],
  speaks: IsAuthoritative | undefined,
): number {
  if (startedAt !== undefined) return startedAt;
  let from = Number.NEGATIVE_INFINITY;
  for (let entry = head; entry !== NONE; entry = entries.next[entry] as number)
    if (speaks === undefined || speaks(entry)) from = Math.max(from, closedSince(entry, entries, agents));
  return Math.min(from, firstSeenAt);
}

/** The same of entries that are no chain yet: all that there are of a connection. `at`: when the first of them was seen. */
export function earliestTimeOf(
  at: number,
  members: readonly number[],
  entries: EntryGraph,
  agents: readonly (TableCursor | undefined)[],
): number {
  let from = Number.NEGATIVE_INFINITY;
  for (const entry of members) {
    const { columns } = agents[entries.agent[entry] as number] as TableCursor;
    const slot = entries.slot[entry] as number;
    if (columns.firstSeenAt[slot] === at && ((columns.flags[slot] as number) & START_KNOWN) !== 0) return at;
    from = Math.max(from, closedSince(entry, entries, agents));
  }
  return Math.min(from, at);
}

function closedSince(entry: number, entries: EntryGraph, agents: readonly (TableCursor | undefined)[]): number {
  const { columns } = agents[entries.agent[entry] as number] as TableCursor;
  const slot = entries.slot[entry] as number;
  const expiresAt = columns.expiresAt[slot] as number;
  const isClosed = columns.state[slot] === TIME_WAIT && columns.protocol[slot] === TCP && expiresAt !== NO_EXPIRY;
  return isClosed ? expiresAt * 1000 - CLOSED_MS : Number.NEGATIVE_INFINITY;
}
