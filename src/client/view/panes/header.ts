import type { Connection, Snapshot } from '../../model.ts';
import type { Problem } from '../../problems/problem.ts';
import type { PlaybackStatus } from '../../record/playback.ts';
import { formatAge, formatCount, formatPercent, formatPosition, formatRate } from '../../table/format.ts';
import { fillOf } from '../../table/table-fill.ts';
import { totalRate } from '../data/traffic.ts';
import type { ViewState } from '../state/state.ts';
import { type Line, lineWidth, type Span, span } from '../text/line.ts';
import { plain, shorten } from '../text/plain.ts';

const NEARLY_FULL = 0.8;

/** A part of the header. On a narrow screen the parts with the lowest `spare` stay. */
interface Part {
  readonly line: Line;
  readonly spare: number;
}

/** "kflow · prod-eu · 12/12 agents · ✗ 2 problems (6) · 8,412 connections · 1.21 GB/s · table 34% (max node-7 81%) · 0.8 s ago" */
export function header(
  snapshot: Snapshot,
  state: ViewState,
  problems: readonly Problem[],
  now: number,
  width: number,
  playback?: PlaybackStatus,
): Line {
  const { agents, connections, origin } = snapshot;
  const live = agents.filter(({ status }) => status.kind === 'live').length;
  const many = formatCount(connections.length);
  const parts: readonly Part[] = [
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
    ...troubles(problems),
    { line: [span(`${many} ${connections.length === 1 ? 'connection' : 'connections'}`, 'bar')], spare: 2 },
    { line: [span(rateText(connections), 'bar')], spare: 1 },
    ...tableFill(snapshot),
    ...lastSeen(snapshot, now),
    ...(playback === undefined ? [] : playbackParts(playback)),
    ...(state.frozen === undefined ? [] : [{ line: [span('FROZEN: Space goes on', 'warn')], spare: 0 }]),
  ];
  return joined(fitting(parts, width));
}

/** A dash alone would not say what is unknown. */
function rateText(connections: readonly Connection[]): string {
  const rate = totalRate(connections);
  return rate === undefined ? `rate ${formatRate(rate)}` : formatRate(rate);
}

/** Those that matter most, as many as there is room for. */
function fitting(parts: readonly Part[], width: number): Part[] {
  const kept = new Set<Part>();
  for (const part of [...parts].sort((a, b) => a.spare - b.spare)) {
    const longer = parts.filter((one) => one === part || kept.has(one));
    if (part.spare === 0 || lineWidth(joined(longer)) <= width) kept.add(part);
  }
  return parts.filter((part) => kept.has(part));
}

/** What fails or soon will, and the key of the view that tells more. Notes are no alarm. */
function troubles(problems: readonly Problem[]): Part[] {
  const count = problems.filter(({ severity }) => severity > 1).length;
  if (count === 0) return [];
  const fails = problems.some(({ severity }) => severity === 3);
  const text = `${fails ? '✗' : '!'} ${formatCount(count)} ${count === 1 ? 'problem' : 'problems'} (6)`;
  return [{ line: [span(text, fails ? 'bad' : 'warn')], spare: 0.5 }];
}

/** "recording 0:42/2:40 ×2", "PAUSED: Space goes on" */
function playbackParts({ state, positionMs, lengthMs, speed, seeking = false }: PlaybackStatus): Part[] {
  const place = `recording ${formatPosition(positionMs)}/${formatPosition(lengthMs)}${seeking ? ' …' : ''}`;
  const pace = speed === 1 ? '' : ` ×${Number(speed.toPrecision(3))}`;
  if (state === 'playing') return [{ line: [span(place + pace, 'focus')], spare: 0 }];
  const [word, next] = state === 'paused' ? ['PAUSED', 'Space goes on'] : ['END', 'Space begins anew'];
  return [
    { line: [span(`${place}${pace} ${word}`, 'warn')], spare: 0 },
    // The footer has the key too.
    { line: [span(next, 'warn')], spare: 1 },
  ];
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
