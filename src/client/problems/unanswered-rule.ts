import { TCP } from '../../flow/protocol.ts';
import { formatTarget, requestedAddress } from '../format/connection.ts';
import { type Connection, isDnsQuery, isEcho, isSynOnly } from '../model/connection.ts';
import type { Snapshot } from '../model/snapshot.ts';

/** A request counts as unanswered after this time: a lost SYN has been sent again by then. */
const MIN_WAIT_MS = 1500;
/** The same if it is measured by the entry's timeout, which has a resolution of a second. */
const MIN_WAIT_BY_TIMEOUT_MS = 2500;
/** Requests within this time show the current state, even if other requests get replies. */
const RECENT_MS = 10_000;
/** One missing reply among others is a lost packet; this many are a fault. */
const MIN_GROUP = 3;

interface RequestMatcher {
  isRequest(connection: Connection): boolean;
  isReplied(connection: Connection): boolean;
  /** A client has given up this long after its request; the entry just has not expired. */
  readonly clientTimeoutMs: number;
  /** The kernel's default timeout of an entry without a reply, which each counted packet restarts. */
  readonly entryTimeoutMs: number;
}

const REQUEST_MATCHERS: readonly RequestMatcher[] = [
  {
    isRequest: isSynOnly,
    isReplied: ({ protocol, replied }) => protocol === TCP && replied,
    // Longer than most programs wait. The kernel itself retries for two minutes.
    clientTimeoutMs: 35_000,
    entryTimeoutMs: 120_000,
  },
  {
    isRequest: isDnsQuery,
    isReplied: (connection) => connection.replied && isDnsQuery(connection),
    // Resolvers retry after 5 s, and give up after two rounds.
    clientTimeoutMs: 12_000,
    entryTimeoutMs: 30_000,
  },
  {
    isRequest: isEcho,
    isReplied: (connection) => connection.replied && isEcho(connection),
    clientTimeoutMs: 12_000,
    entryTimeoutMs: 30_000,
  },
];

interface Overdue {
  readonly connection: Connection;
  readonly kind: RequestMatcher;
  readonly idleMs: number;
}

/** It is a request, whether it has a reply or not. */
export function isRequest(connection: Connection): boolean {
  return REQUEST_MATCHERS.some((kind) => kind.isRequest(connection));
}

/**
 * The snapshot with its unanswered connections marked. This is the one definition of "unanswered": tables, graph, filters,
 * problems and exports all read the mark, so no two of them can disagree.
 *
 * It depends on a single snapshot, not on earlier ones, so it is the same after a seek, in a script that
 * looks once, and in a console that has watched for an hour. The entries contain the history that is needed. A
 * client has waited since the agent saw the connection begin; if the agent did not see that, the entry's
 * timeout shows it, which restarts with each packet that the kernel counts. A fault is over for a client that gets
 * replies to later requests, although the kernel keeps the dead entry for up to two minutes; or when nobody has
 * sent a request for longer than clients wait. Times are only compared by the clock of one agent.
 */
export function withUnanswered(snapshot: Snapshot): Snapshot {
  const known = MARKED.get(snapshot);
  if (known !== undefined) return known;
  const connections = marked(snapshot);
  const result = connections === snapshot.connections ? snapshot : { ...snapshot, connections };
  MARKED.set(snapshot, result);
  MARKED.set(result, result);
  return result;
}

// Equal inputs give the same objects, so that results derived from them stay cached.
const MARKED = new WeakMap<Snapshot, Snapshot>();
const WITH_MARK = new WeakMap<Connection, Connection>();
const WITHOUT_MARK = new WeakMap<Connection, Connection>();
const LAST = new WeakMap<readonly Connection[], readonly Connection[]>();

function marked(snapshot: Snapshot): readonly Connection[] {
  const { connections } = snapshot;
  const unanswered = findUnanswered(snapshot);
  let result: Connection[] | undefined;
  for (let i = 0; i < connections.length; i++) {
    const connection = connections[i] as Connection;
    if (connection.replied) continue;
    const wanted = unanswered.has(connection) ? withMark(connection) : withoutMark(connection);
    if (wanted === connection) continue;
    result ??= [...connections];
    result[i] = wanted;
  }
  if (result === undefined) return connections;
  const last = LAST.get(connections);
  if (last?.every((one, i) => one === result[i])) return last;
  LAST.set(connections, result);
  return result;
}

function withMark(connection: Connection): Connection {
  if (connection.unanswered) return connection;
  let twin = WITH_MARK.get(connection);
  if (twin === undefined) {
    twin = { ...connection, unanswered: true };
    WITH_MARK.set(connection, twin);
    WITHOUT_MARK.set(twin, connection);
  }
  return twin;
}

function withoutMark(connection: Connection): Connection {
  if (!connection.unanswered) return connection;
  const { unanswered: _, ...rest } = connection;
  return WITHOUT_MARK.get(connection) ?? rest;
}

function findUnanswered(snapshot: Snapshot): ReadonlySet<Connection> {
  const clocks = new Map<string, number>();
  for (const { key, status, poll } of snapshot.agents)
    if (status.kind === 'live') clocks.set(key, poll?.observedAt ?? snapshot.at);
  const overdue: Overdue[] = [];
  for (const connection of snapshot.connections) {
    // A fast check first: most have a reply.
    if (connection.replied || connection.stale) continue;
    const kind = REQUEST_MATCHERS.find((one) => one.isRequest(connection));
    const idleMs = kind && idleTime(connection, kind, clocks);
    if (kind !== undefined && idleMs !== undefined) overdue.push({ connection, kind, idleMs });
  }
  if (overdue.length === 0) return new Set();
  const replies = repliesTo(overdue, snapshot.connections);
  const isOutdated = ({ connection, kind }: Overdue) =>
    (replies.get(conversationKey(kind, connection)) ?? Number.NEGATIVE_INFINITY) > connection.firstSeenAt;
  const outdated = new Set(overdue.filter(isOutdated));
  if (outdated.size > 0) {
    const recent = new Map<string, Overdue[]>();
    for (const one of overdue.filter(({ idleMs }) => idleMs < RECENT_MS)) {
      const target = targetOf(one);
      recent.set(target, [...(recent.get(target) ?? []), one]);
    }
    for (const group of recent.values()) if (group.length >= MIN_GROUP) for (const one of group) outdated.delete(one);
  }
  return new Set(overdue.filter((one) => !outdated.has(one)).map(({ connection }) => connection));
}

/** How long ago the request was last seen sent; undefined: it is not overdue, its client has given up, or no live agent sees it. */
function idleTime(
  connection: Connection & { readonly startedAt?: number },
  { clientTimeoutMs, entryTimeoutMs }: RequestMatcher,
  clocks: ReadonlyMap<string, number>,
): number | undefined {
  const { hops, startedAt, firstSeenAt, expiresAt } = connection;
  const times = hops.map(({ agent }) => clocks.get(agent)).filter((at) => at !== undefined);
  const [at] = times;
  if (at === undefined) return undefined;
  // The slowest clock gives the earliest start.
  const ageMs = Math.max(0, Math.min(...times) - (startedAt ?? firstSeenAt));
  // The timeout is that of the first agent that is live.
  const sinceTimeoutMs = expiresAt === undefined ? undefined : Math.max(0, entryTimeoutMs - (expiresAt * 1000 - at));
  const isOverdue =
    ageMs >= MIN_WAIT_MS || (startedAt === undefined && (sinceTimeoutMs ?? 0) >= MIN_WAIT_BY_TIMEOUT_MS);
  // If the start is known, the timeout is not needed, which may not be the default.
  const idleMs = startedAt === undefined ? (sinceTimeoutMs ?? ageMs) : Math.min(ageMs, sinceTimeoutMs ?? ageMs);
  return isOverdue && idleMs < clientTimeoutMs ? idleMs : undefined;
}

/** When the last connection with a reply began, by conversation, for these connections. */
function repliesTo(overdue: readonly Overdue[], connections: readonly Connection[]): ReadonlyMap<string, number> {
  const replies = new Map<string, number>();
  const conversations = new Set(overdue.map(({ connection, kind }) => conversationKey(kind, connection)));
  const sources = new Set(overdue.map(({ connection }) => connection.source.address));
  const kinds = new Set(overdue.map(({ kind }) => kind));
  for (const connection of connections) {
    if (!connection.replied || !sources.has(connection.source.address)) continue;
    for (const kind of kinds) {
      if (!kind.isReplied(connection)) continue;
      for (const conversation of conversationKeys(kind, connection))
        if (conversations.has(conversation))
          replies.set(conversation, Math.max(replies.get(conversation) ?? 0, connection.firstSeenAt));
    }
  }
  return replies;
}

function targetOf({ connection, kind }: Overdue): string {
  return `${REQUEST_MATCHERS.indexOf(kind)} ${formatTarget(connection)}`;
}

/** Client and server of a request; the server is the backend if it is known. */
function conversationKey(kind: RequestMatcher, { source, destination, destinationPort }: Connection): string {
  return `${REQUEST_MATCHERS.indexOf(kind)} ${source.address} ${destination.address} ${destinationPort ?? ''}`;
}

function conversationKeys(kind: RequestMatcher, connection: Connection): string[] {
  const own = conversationKey(kind, connection);
  if (connection.service === undefined) return [own];
  const { address, port } = requestedAddress(connection);
  return [own, `${REQUEST_MATCHERS.indexOf(kind)} ${connection.source.address} ${address} ${port ?? ''}`];
}
