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
  /** The longest first; shorter ones are for where there is no room. */
  readonly wordings: readonly Line[];
  /** Absent: it stays. Else what is lower stays longer, and of the same, what is further to the left. */
  readonly spare?: number;
}

const ALARM = 1;
const FACT = 2;
/** The footer says it too. */
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
  const many = formatCount(connections.length);
  const reported = `${live}/${agents.length} ${agents.length === 1 ? 'agent' : 'agents'}`;
  const parts: readonly Part[] = [
    { wordings: [[span('kflow', 'focus')]], spare: FACT },
    originPart(origin),
    live < agents.length ? part(reported, 'bad', ALARM) : part(reported, 'bar', FACT),
    ...troubles(problems),
    part(`${many} ${connections.length === 1 ? 'connection' : 'connections'}`, 'bar', FACT),
    part(rateText(countedConnections(snapshot)), 'bar', FACT),
    ...tableFill(snapshot),
    ...lastSeen(snapshot, now),
    ...(playback === undefined ? [] : playbackParts(playback)),
    ...(state.frozen === undefined ? [] : [staying('warn', 'FROZEN (Space: resume)', 'FROZEN')]),
  ];
  return joined(fitting(parts, width));
}

function part(text: string, style: Style, spare: number): Part {
  return { wordings: [[span(text, style)]], spare };
}

function staying(style: Style, ...wordings: readonly string[]): Part {
  return { wordings: wordings.map((text) => [span(text, style)]) };
}

/** The cluster: in fewer and fewer cells, but never left out. */
function originPart(origin: string): Part {
  const longest = Math.min(MAX_ORIGIN_WIDTH, toCells(origin).length);
  const widths = Array.from({ length: Math.max(1, longest) }, (_, i) => longest - i);
  return { wordings: widths.map((width) => [span(truncateCells(origin, width), 'title')]) };
}

/** A dash alone would not say what is unknown. */
function rateText(connections: readonly Connection[]): string {
  const rate = totalRate(connections);
  return rate === undefined ? `rate ${formatRate(rate)}` : formatRate(rate);
}

/** What stays, as it is worded where there is room for that; then what matters most, up to the first that does not fit. */
function fitting(parts: readonly Part[], width: number): Line[] {
  const lines = new Map<Part, Line>(staysIn(parts, width));
  const spared = parts.filter(({ spare }) => spare !== undefined);
  for (const one of spared.sort((a, b) => (a.spare ?? 0) - (b.spare ?? 0))) {
    lines.set(one, one.wordings[0] ?? []);
    if (lineWidth(joined(inOrder(parts, lines))) <= width) continue;
    lines.delete(one);
    break;
  }
  return inOrder(parts, lines);
}

/** Words get shorter from the right, the cluster's name last. */
function staysIn(parts: readonly Part[], width: number): (readonly [Part, Line])[] {
  const stays = parts.filter(({ spare }) => spare === undefined);
  const used = new Map(stays.map((one) => [one, 0]));
  const lines = () => stays.map((one) => [one, one.wordings[used.get(one) ?? 0] ?? []] as const);
  for (const one of stays.toReversed())
    for (let i = 0; i < one.wordings.length; i++) {
      used.set(one, i);
      if (lineWidth(joined(lines().map(([, line]) => line))) <= width) return lines();
    }
  return lines();
}

function inOrder(parts: readonly Part[], lines: ReadonlyMap<Part, Line>): Line[] {
  return parts.flatMap((one) => {
    const line = lines.get(one);
    return line === undefined ? [] : [line];
  });
}

/** What fails or soon will, and the key of the view that tells more. Notes are no alarm. */
function troubles(problems: readonly Problem[]): Part[] {
  const count = problems.filter(({ severity }) => severity > 1).length;
  if (count === 0) return [];
  const fails = problems.some(({ severity }) => severity === 3);
  const [sign, number] = [fails ? '✗' : '!', formatCount(count)];
  const text = `${sign} ${number} ${count === 1 ? 'problem' : 'problems'}`;
  return [staying(fails ? 'bad' : 'warn', `${text} (6)`, text, `${sign} ${number}`)];
}

/** "recording 0:42/2:40 ×2", "PAUSED · Space: play" */
function playbackParts({ state, positionMs, lengthMs, speed, seeking = false }: PlaybackStatus): Part[] {
  const [position, more] = [formatPosition(positionMs), seeking ? ' …' : ''];
  const place = `${position}/${formatPosition(lengthMs)}${more}`;
  const pace = speed === 1 ? '' : ` ×${Number(speed.toPrecision(3))}`;
  if (state === 'playing')
    return [staying('focus', `recording ${place}${pace}`, `rec ${place}${pace}`, `rec ${position}${pace}`)];
  const [word, next] = state === 'paused' ? ['PAUSED', 'Space: play'] : ['END', 'Space: restart'];
  return [
    staying('warn', `recording ${place}${pace} ${word}`, `rec ${place}${pace} ${word}`, `rec ${position} ${word}`),
    part(next, 'warn', HINT),
  ];
}

function joined(lines: readonly Line[]): Line {
  return lines.flatMap((line, i) => [span(i === 0 ? ' ' : ' · ', 'dim'), ...line]);
}

function tableFill({ agents }: Snapshot): Part[] {
  let entries = 0;
  let most = 0;
  let fullest = { node: '', fill: -1 };
  for (const agent of agents) {
    const fill = tableUsage(agent);
    if (fill === undefined) continue;
    entries += entryCount(agent) ?? 0;
    most += agent.info?.maxEntries ?? 0;
    if (fill > fullest.fill) fullest = { node: agent.node, fill };
  }
  if (most === 0) return [];
  const style = fullest.fill >= NEARLY_FULL_RATIO ? 'bad' : 'bar';
  const detail: Span[] =
    agents.length > 1 ? [span(`, highest ${formatPercent(fullest.fill)} (${toCells(fullest.node)})`, style)] : [];
  const line = [span(`conntrack ${formatPercent(entries / most)}`, style), ...detail];
  // A table that fills up is news.
  return [{ wordings: [line], spare: fullest.fill >= NEARLY_FULL_RATIO ? ALARM : FACT }];
}

/** How old the newest news is. */
function lastSeen({ agents }: Snapshot, now: number): Part[] {
  const times = agents.map(({ lastSeenAt }) => lastSeenAt).filter((time) => time !== undefined);
  if (times.length === 0) return [];
  const seconds = Math.max(0, now - Math.max(...times)) / 1000;
  const age = seconds < 10 ? `${seconds.toFixed(1)} s` : formatAge(seconds);
  // Polls come every second or so: what is older than this is no live picture.
  return [seconds >= 5 ? part(`${age} ago`, 'warn', ALARM) : part(`${age} ago`, 'bar', FACT)];
}
