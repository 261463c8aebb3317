import type { Snapshot } from '../../model.ts';
import type { PlaybackStatus } from '../../record/playback.ts';
import { formatAge, formatCount, formatPercent, formatPosition, formatRate } from '../../table/format.ts';
import { fillOf } from '../../table/table-fill.ts';
import { totalRate } from '../data/traffic.ts';
import type { ViewState } from '../state/state.ts';
import { type Line, lineWidth, type Span, span } from '../text/line.ts';
import { plain, shorten } from '../text/plain.ts';

const NEARLY_FULL = 0.8;

/** A part of the header. On a narrow screen the parts with the highest `spare` go first. */
interface Part {
  readonly line: Line;
  readonly spare: number;
}

/** "kflow · prod-eu · 12/12 agents · 8,412 connections · 1.21 GB/s · table 34% (max node-7 81%) · 0.8 s ago" */
export function header(
  snapshot: Snapshot,
  state: ViewState,
  now: number,
  width: number,
  playback?: PlaybackStatus,
): Line {
  const { agents, connections, origin } = snapshot;
  const live = agents.filter(({ status }) => status.kind === 'live').length;
  const many = formatCount(connections.length);
  const parts: Part[] = [
    { line: [span('kflow', 'focus')], spare: 5 },
    { line: [span(shorten(plain(origin), 32), 'title')], spare: 4 },
    {
      line: [
        span(
          `${live}/${agents.length} ${agents.length === 1 ? 'agent' : 'agents'}`,
          live < agents.length ? 'bad' : 'bar',
        ),
      ],
      spare: 1,
    },
    { line: [span(`${many} ${connections.length === 1 ? 'connection' : 'connections'}`, 'bar')], spare: 2 },
    { line: [span(formatRate(totalRate(connections)), 'bar')], spare: 1 },
    ...tableFill(snapshot),
    ...lastSeen(snapshot, now),
    ...(playback === undefined ? [] : [{ line: [playbackSpan(playback)], spare: 0 }]),
    ...(state.frozen === undefined ? [] : [{ line: [span('FROZEN: Space goes on', 'warn')], spare: 0 }]),
  ];
  while (lineWidth(joined(parts)) > width) {
    const most = Math.max(...parts.map(({ spare }) => spare));
    if (most === 0) break;
    parts.splice(
      parts.findLastIndex(({ spare }) => spare === most),
      1,
    );
  }
  return joined(parts);
}

/** "recording 0:42/2:40 ×2 PAUSED" */
function playbackSpan({ state, positionMs, lengthMs, speed }: PlaybackStatus): Span {
  const place = `recording ${formatPosition(positionMs)}/${formatPosition(lengthMs)}`;
  const pace = speed === 1 ? '' : ` ×${Number(speed.toPrecision(3))}`;
  if (state === 'playing') return span(place + pace, 'focus');
  return span(place + pace + (state === 'paused' ? ' PAUSED: Space goes on' : ' END: Space begins anew'), 'warn');
}

function joined(parts: readonly Part[]): Line {
  return parts.flatMap(({ line }, i) => [span(i === 0 ? ' ' : ' · ', 'dim'), ...line]);
}

function tableFill({ agents }: Snapshot): Part[] {
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
  const style = fullest.fill >= NEARLY_FULL ? 'bad' : 'bar';
  const detail: Span[] =
    agents.length > 1 ? [span(` (max ${plain(fullest.node)} ${formatPercent(fullest.fill)})`, style)] : [];
  const line = [span(`table ${formatPercent(entries / most)}`, style), ...detail];
  // A table that fills up is news.
  return [{ line, spare: fullest.fill >= NEARLY_FULL ? 2 : 6 }];
}

/** How old the newest news is. */
function lastSeen({ agents }: Snapshot, now: number): Part[] {
  const times = agents.map(({ lastSeenAt }) => lastSeenAt).filter((time) => time !== undefined);
  if (times.length === 0) return [];
  const seconds = Math.max(0, now - Math.max(...times)) / 1000;
  const age = seconds < 10 ? `${seconds.toFixed(1)} s` : formatAge(seconds);
  // Polls come every second or so: what is older than this is no live picture.
  return [{ line: [span(`${age} ago`, seconds >= 5 ? 'warn' : 'bar')], spare: 3 }];
}
