import { toCells, truncateCells } from '../../format/cells.ts';
import { formatAge, formatCount, formatPercent, formatPosition, formatRate } from '../../format/numbers.ts';
import { entryCount, tableUsage, usedAgents } from '../../model/agent.ts';
import type { Connection } from '../../model/connection.ts';
import type { Snapshot } from '../../model/snapshot.ts';
import type { Problem } from '../../problems/problem.ts';
import type { PlaybackStatus } from '../../recording/playback.ts';
import { countedConnections } from '../../traffic/counted-connections.ts';
import { totalRate } from '../../traffic/traffic.ts';
import type { ViewState } from '../state.ts';
import { type Line, lineWidth, type Span, span } from '../text/line.ts';
import type { Style } from '../text/style.ts';

const NEARLY_FULL_RATIO = 0.8;

/** A part of the header. */
interface Part {
  /** From long to short: the longest that fits is used. */
  readonly variants: readonly Line[];
  /** Absent: it is never dropped. The highest is dropped first; of equal ones, the right one. */
  readonly dropOrder?: number;
}

const ALARM = 1;
const FACT = 2;
/** Also in the footer. */
const HINT = 3;
const MAX_ORIGIN_WIDTH = 32;

/** "kflow · prod-eu · 12/12 agents · ✗ 2 problems (6) · 8,412 connections · 1.21 GB/s · conntrack 34%, highest 81% (node-7) · 0.8 s ago" */
export function renderHeader(
  snapshot: Snapshot,
  state: ViewState,
  problems: readonly Problem[],
  now: number,
  width: number,
  playback?: PlaybackStatus,
): Line {
  const { connections, origin } = snapshot;
  const agents = usedAgents(snapshot.agents);
  const live = agents.filter(({ status }) => status.kind === 'live').length;
  const total = formatCount(connections.length);
  const reported = `${live}/${agents.length} ${agents.length === 1 ? 'agent' : 'agents'}`;
  const parts: readonly Part[] = [
    { variants: [[span('kflow', 'focus')]], dropOrder: FACT },
    originPart(origin),
    live < agents.length ? part(reported, 'bad', ALARM) : part(reported, 'bar', FACT),
    ...problemParts(problems),
    part(`${total} ${connections.length === 1 ? 'connection' : 'connections'}`, 'bar', FACT),
    part(rateText(countedConnections(snapshot)), 'bar', FACT),
    ...tableUsageParts(snapshot),
    ...ageParts(snapshot, now),
    ...(playback === undefined ? [] : playbackParts(playback)),
    ...(state.frozen === undefined ? [] : [permanentPart('warn', 'FROZEN (Space: resume)', 'FROZEN')]),
  ];
  return joinParts(fitParts(parts, width));
}

function part(text: string, style: Style, dropOrder: number): Part {
  return { variants: [[span(text, style)]], dropOrder };
}

function permanentPart(style: Style, ...wordings: readonly string[]): Part {
  return { variants: wordings.map((text) => [span(text, style)]) };
}

/** The cluster: its name is shortened, but never left out. */
function originPart(origin: string): Part {
  const longest = Math.min(MAX_ORIGIN_WIDTH, toCells(origin).length);
  const widths = Array.from({ length: Math.max(1, longest) }, (_, i) => longest - i);
  return { variants: widths.map((width) => [span(truncateCells(origin, width), 'title')]) };
}

/** An unknown rate needs a label, because a dash alone has no meaning. */
function rateText(connections: readonly Connection[]): string {
  const rate = totalRate(connections);
  return rate === undefined ? `rate ${formatRate(rate)}` : formatRate(rate);
}

/** The permanent parts in their longest fitting variants; then the others by `dropOrder`, up to the first that does not fit. */
function fitParts(parts: readonly Part[], width: number): Line[] {
  const lines = new Map<Part, Line>(fitPermanentParts(parts, width));
  const droppable = parts.filter(({ dropOrder }) => dropOrder !== undefined);
  for (const one of droppable.sort((a, b) => (a.dropOrder ?? 0) - (b.dropOrder ?? 0))) {
    lines.set(one, one.variants[0] ?? []);
    if (lineWidth(joinParts(inOrder(parts, lines))) <= width) continue;
    lines.delete(one);
    break;
  }
  return inOrder(parts, lines);
}

/** Parts are shortened from the right, the cluster's name last. */
function fitPermanentParts(parts: readonly Part[], width: number): (readonly [Part, Line])[] {
  const permanent = parts.filter(({ dropOrder }) => dropOrder === undefined);
  const used = new Map(permanent.map((one) => [one, 0]));
  const lines = () => permanent.map((one) => [one, one.variants[used.get(one) ?? 0] ?? []] as const);
  for (const one of permanent.toReversed())
    for (let i = 0; i < one.variants.length; i++) {
      used.set(one, i);
      if (lineWidth(joinParts(lines().map(([, line]) => line))) <= width) return lines();
    }
  return lines();
}

function inOrder(parts: readonly Part[], lines: ReadonlyMap<Part, Line>): Line[] {
  return parts.flatMap((one) => {
    const line = lines.get(one);
    return line === undefined ? [] : [line];
  });
}

/** The number of critical and warning problems, and the key of their view. Informational ones do not count. */
function problemParts(problems: readonly Problem[]): Part[] {
  const count = problems.filter(({ severity }) => severity > 1).length;
  if (count === 0) return [];
  const isCritical = problems.some(({ severity }) => severity === 3);
  const [sign, number] = [isCritical ? '✗' : '!', formatCount(count)];
  const text = `${sign} ${number} ${count === 1 ? 'problem' : 'problems'}`;
  return [permanentPart(isCritical ? 'bad' : 'warn', `${text} (6)`, text, `${sign} ${number}`)];
}

/** "recording 0:42/2:40 ×2", "PAUSED · Space: play" */
function playbackParts({ state, positionMs, lengthMs, speed, seeking = false }: PlaybackStatus): Part[] {
  const [position, more] = [formatPosition(positionMs), seeking ? ' …' : ''];
  const place = `${position}/${formatPosition(lengthMs)}${more}`;
  const pace = speed === 1 ? '' : ` ×${Number(speed.toPrecision(3))}`;
  if (state === 'playing')
    return [permanentPart('focus', `recording ${place}${pace}`, `rec ${place}${pace}`, `rec ${position}${pace}`)];
  const [word, next] = state === 'paused' ? ['PAUSED', 'Space: play'] : ['END', 'Space: restart'];
  return [
    permanentPart(
      'warn',
      `recording ${place}${pace} ${word}`,
      `rec ${place}${pace} ${word}`,
      `rec ${position} ${word}`,
    ),
    part(next, 'warn', HINT),
  ];
}

function joinParts(lines: readonly Line[]): Line {
  return lines.flatMap((line, i) => [span(i === 0 ? ' ' : ' · ', 'dim'), ...line]);
}

function tableUsageParts({ agents }: Snapshot): Part[] {
  let entries = 0;
  let maxEntries = 0;
  let fullest = { node: '', fill: -1 };
  for (const agent of agents) {
    const fill = tableUsage(agent);
    if (fill === undefined) continue;
    entries += entryCount(agent) ?? 0;
    maxEntries += agent.info?.maxEntries ?? 0;
    if (fill > fullest.fill) fullest = { node: agent.node, fill };
  }
  if (maxEntries === 0) return [];
  const style = fullest.fill >= NEARLY_FULL_RATIO ? 'bad' : 'bar';
  const detail: Span[] =
    agents.length > 1 ? [span(`, highest ${formatPercent(fullest.fill)} (${toCells(fullest.node)})`, style)] : [];
  const line = [span(`conntrack ${formatPercent(entries / maxEntries)}`, style), ...detail];
  // A nearly full table is important.
  return [{ variants: [line], dropOrder: fullest.fill >= NEARLY_FULL_RATIO ? ALARM : FACT }];
}

/** The age of the newest data. */
function ageParts({ agents }: Snapshot, now: number): Part[] {
  const times = agents.map(({ lastSeenAt }) => lastSeenAt).filter((time) => time !== undefined);
  if (times.length === 0) return [];
  const seconds = Math.max(0, now - Math.max(...times)) / 1000;
  const age = seconds < 10 ? `${seconds.toFixed(1)} s` : formatAge(seconds);
  // Polls usually come every second: older data is not live.
  return [seconds >= 5 ? part(`${age} ago`, 'warn', ALARM) : part(`${age} ago`, 'bar', FACT)];
}
