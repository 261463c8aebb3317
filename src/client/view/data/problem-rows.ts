import { stateName } from '../../../flow/state.ts';
import type { Connection, Snapshot } from '../../model.ts';
import { formatCount, formatPercent } from '../../table/format.ts';
import { fillOf } from './node-rows.ts';
import { isUnanswered } from './traffic.ts';

export interface ProblemRow {
  readonly key: string;
  /** 3: traffic fails, 2: it will soon, 1: kflow sees less than it could. */
  readonly severity: 1 | 2 | 3;
  readonly what: string;
  readonly where: string;
  readonly count: number;
  /** What it means and what to type next. */
  readonly meaning: string;
  /** The connections behind it. */
  matches?(connection: Connection): boolean;
}

const NEARLY_FULL = 0.8;
/** A few half-closed connections are ordinary. */
const MANY_CLOSE_WAIT = 20;
/** A new SYN is unanswered for a moment: only older ones count. */
const ANSWER_MS = 2000;

/** Faults that the snapshot shows. */
export function problemRows(snapshot: Snapshot): ProblemRow[] {
  return [...unanswered(snapshot), ...closeWait(snapshot), ...agents(snapshot)];
}

export function targetOf(connection: Connection): string {
  const { service, destination } = connection;
  const port = service?.port ?? connection.destinationPort;
  const named = service?.name ?? destination.workload?.name ?? destination.name;
  const namespace = service?.namespace ?? destination.namespace;
  const address = service?.address ?? destination.address;
  const host = named === undefined ? address : namespace === undefined ? named : `${namespace}/${named}`;
  return port === undefined ? host : host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}

function isOverdue(connection: Connection, now: number): boolean {
  return isUnanswered(connection) && now - connection.firstSeenAt >= ANSWER_MS;
}

function unanswered(snapshot: Snapshot): ProblemRow[] {
  const counts = new Map<string, { dns: boolean; count: number }>();
  for (const connection of snapshot.connections) {
    if (!isOverdue(connection, snapshot.at)) continue;
    const target = targetOf(connection);
    const found = counts.get(target);
    if (found) found.count++;
    else counts.set(target, { dns: isDns(connection), count: 1 });
  }
  return [...counts].map(([where, { dns, count }]) => ({
    key: `unanswered ${where}`,
    severity: 3,
    what: dns ? 'DNS unanswered' : 'no answer',
    where,
    count,
    meaning: dns
      ? 'queries go out and no reply comes: the DNS server is down, or replies are dropped'
      : 'requests go out and nothing comes back: dropped on the way, or nobody listens there',
    matches: (connection) => isUnanswered(connection) && targetOf(connection) === where,
  }));
}

function isDns(connection: Connection): boolean {
  return connection.destinationPort === 53 || connection.service?.port === 53;
}

function closeWait(snapshot: Snapshot): ProblemRow[] {
  const counts = new Map<string, number>();
  const owner = ({ destination }: Connection) =>
    [destination.namespace, destination.workload?.name ?? destination.name ?? destination.address]
      .filter((part) => part !== undefined)
      .join('/');
  for (const connection of snapshot.connections) {
    if (stateName(connection.state) !== 'CLOSE_WAIT') continue;
    counts.set(owner(connection), (counts.get(owner(connection)) ?? 0) + 1);
  }
  return [...counts]
    .filter(([, count]) => count >= MANY_CLOSE_WAIT)
    .map(([where, count]) => ({
      key: `close-wait ${where}`,
      severity: 2,
      what: 'CLOSE_WAIT piles up',
      where,
      count,
      meaning: 'one side has closed and the other does not: an application leaks connections',
      matches: (connection) => stateName(connection.state) === 'CLOSE_WAIT' && owner(connection) === where,
    }));
}

function agents(snapshot: Snapshot): ProblemRow[] {
  const rows: ProblemRow[] = [];
  for (const agent of snapshot.agents) {
    const { status, node, about } = agent;
    const seenHere = (connection: Connection) => connection.hops.some((hop) => hop.agent === agent.key);
    const row = (severity: 1 | 2 | 3, what: string, count: number, meaning: string) =>
      rows.push({ key: `${what} ${agent.key}`, severity, what, where: node, count, meaning, matches: seenHere });
    if (status.kind === 'lost' || status.kind === 'stale') row(2, `agent ${status.kind}`, 1, status.reason);
    const fill = fillOf(agent);
    if (fill !== undefined && fill >= NEARLY_FULL)
      row(
        fill >= 0.95 ? 3 : 2,
        'table filling up',
        agent.poll?.entries ?? about?.entries ?? 0,
        `conntrack table ${formatPercent(fill)} of ${formatCount(about?.maxEntries)}: raise net.netfilter.nf_conntrack_max`,
      );
    if (about?.accounting === 'off')
      row(1, 'accounting off', 1, 'no bytes nor rates here: sysctl -w net.netfilter.nf_conntrack_acct=1');
  }
  return rows;
}
