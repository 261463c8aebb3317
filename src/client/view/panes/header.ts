import type { Snapshot } from '../../model.ts';
import { formatAge, formatCount, formatPercent, formatRate } from '../../table/format.ts';
import { fillOf } from '../data/node-rows.ts';
import { plus, rateOf } from '../data/traffic.ts';
import type { ViewState } from '../state/state.ts';
import { type Line, type Span, span } from '../text/line.ts';
import { plain } from '../text/plain.ts';

/** "kflow · prod-eu · 12/12 agents · 8,412 connections · 1.21 GB/s · table 34% (max node-7 81%) · 0.8 s ago" */
export function header(snapshot: Snapshot, state: ViewState, now: number): Line {
  const { agents, connections, origin } = snapshot;
  const live = agents.filter(({ status }) => status.kind === 'live').length;
  let rate: number | undefined;
  for (const connection of connections) if (!connection.stale) rate = plus(rate, rateOf(connection));
  const parts: Span[] = [
    span('kflow', 'focus'),
    span(plain(origin), 'title'),
    span(
      `${live}/${agents.length} ${agents.length === 1 ? 'agent' : 'agents'}`,
      live === agents.length ? 'bar' : 'bad',
    ),
    span(`${formatCount(connections.length)} connections`, 'bar'),
    span(formatRate(rate), 'bar'),
    ...tableFill(snapshot),
    ...lastSeen(snapshot, now),
  ];
  if (state.frozen !== undefined) parts.push(span('FROZEN (Space goes on)', 'warn'));
  return parts.flatMap((part, i) => (i === 0 ? [span(' '), part] : [span(' · ', 'dim'), part]));
}

function tableFill({ agents }: Snapshot): Span[] {
  let entries = 0;
  let most = 0;
  let fullest = { node: '', fill: -1 };
  for (const agent of agents) {
    const fill = fillOf(agent);
    if (fill === undefined) continue;
    entries += agent.poll?.entries ?? agent.about?.entries ?? 0;
    most += agent.about?.maxEntries ?? 0;
    if (fill > fullest.fill) fullest = { node: agent.node, fill };
  }
  if (most === 0) return [];
  const text = `table ${formatPercent(entries / most)}`;
  const detail = agents.length > 1 ? ` (max ${plain(fullest.node)} ${formatPercent(fullest.fill)})` : '';
  return [span(`${text}${detail}`, fullest.fill >= 0.8 ? 'bad' : 'bar')];
}

function lastSeen({ agents }: Snapshot, now: number): Span[] {
  const times = agents.map(({ lastSeenAt }) => lastSeenAt).filter((time) => time !== undefined);
  if (times.length === 0) return [];
  return [span(`${formatAge(Math.max(0, now - Math.max(...times)) / 1000)} ago`, 'bar')];
}
