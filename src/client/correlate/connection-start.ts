import { NO_EXPIRY, START_KNOWN } from '../../flow/columns.ts';
import { TCP } from '../../flow/protocol.ts';
import { stateNumber } from '../../flow/state.ts';
import type { Connection } from '../model/connection.ts';
import type { IsAuthoritative } from './authority.ts';
import { type EntryGraph, NONE } from './entry-graph.ts';
import type { TableCursor } from './table-cursor.ts';

/** When a connection was first seen, and when it began, if that is known. */
export type Start = Pick<Connection, 'firstSeenAt' | 'startedAt'>;

/** When the first of the agents saw it, in unix milliseconds. */
export function firstSeen(
  head: number,
  entries: EntryGraph,
  agents: readonly (TableCursor | undefined)[],
  isAuthoritative: IsAuthoritative | undefined,
): number {
  let first = Number.POSITIVE_INFINITY;
  for (let entry = head; entry !== NONE; entry = entries.next[entry] as number) {
    if (isAuthoritative !== undefined && !isAuthoritative(entry)) continue;
    const { columns } = agents[entries.agent[entry] as number] as TableCursor;
    first = Math.min(first, columns.firstSeenAt[entries.slot[entry] as number] as number);
  }
  return first;
}

/** Whether one of the agents saw it begin at that time. */
export function isStartKnown(
  at: number,
  head: number,
  entries: EntryGraph,
  agents: readonly (TableCursor | undefined)[],
  isAuthoritative: IsAuthoritative | undefined,
): boolean {
  for (let entry = head; entry !== NONE; entry = entries.next[entry] as number) {
    if (isAuthoritative !== undefined && !isAuthoritative(entry)) continue;
    const { columns } = agents[entries.agent[entry] as number] as TableCursor;
    const slot = entries.slot[entry] as number;
    if (columns.firstSeenAt[slot] === at && ((columns.flags[slot] as number) & START_KNOWN) !== 0) return true;
  }
  return false;
}

const TIME_WAIT = stateNumber('TIME_WAIT');
/** How long an entry stays in TIME_WAIT, plus how much clocks may differ. */
const CLOSED_MS = 120_000 + 60_000;

/**
 * The earliest time at which its endpoints may have had their addresses: unix milliseconds. If its start is not known, that may be
 * any time ago. But both sides take part in closing a connection, so if it was closed, both existed a short while ago.
 * Other timeouts are no evidence: packets of one side restart them, and nodes may have different ones.
 */
export function earliestTime(
  { firstSeenAt, startedAt }: Start,
  head: number,
  entries: EntryGraph,
  agents: readonly (TableCursor | undefined)[],
  isAuthoritative: IsAuthoritative | undefined,
): number {
  if (startedAt !== undefined) return startedAt;
  let from = Number.NEGATIVE_INFINITY;
  for (let entry = head; entry !== NONE; entry = entries.next[entry] as number)
    if (isAuthoritative === undefined || isAuthoritative(entry))
      from = Math.max(from, closedSince(entry, entries, agents));
  return Math.min(from, firstSeenAt);
}

/** The same for entries that are not chained yet: all entries of a connection. `at`: when the first of them was seen. */
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
