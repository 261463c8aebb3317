import { type ChunkedWork, forEachChunked, runToEnd } from '../../async/chunked-work.ts';
import { pad, toCells } from '../../format/cells.ts';
import { formatState } from '../../format/connection.ts';
import { formatBytes, formatCount, formatRate } from '../../format/numbers.ts';
import { type Connection, isUnanswered } from '../../model/connection.ts';
import { sumRates, TrafficSummary } from '../../traffic/traffic.ts';
import { type Line, span } from '../text/line.ts';
import { connectionLines } from './detail-lines.ts';

const MAX_GROUPS = 4;
const MAX_STATES = 6;
const MAX_CONNECTIONS = 5;
const MAX_NAME_WIDTH = 44;
const MIN_NAME_WIDTH = 12;
/** Heading, rate, connections, and those unanswered. */
const BESIDE_NAME = 9 + 12 + 20 + 8;

/** What is to be said of many connections at once. */
interface Summary {
  /** The most frequent first. */
  readonly states: readonly (readonly [string, number])[];
  /** The heaviest first. */
  readonly groups: readonly (readonly [string, TrafficSummary])[];
  readonly heaviest: readonly Connection[];
}

/** More than these are summed up in steps, so that no key waits for it; until then the sums are those of before. */
const MAX_AT_ONCE = 10_000;
const MAX_REMEMBERED = 64;

interface Asked {
  readonly connections: readonly Connection[];
  readonly as: string;
  readonly of: (connection: Connection) => string;
}

// Made once for the rows of a snapshot, however often they are drawn.
const KNOWN = new WeakMap<readonly Connection[], Map<string, Summary>>();
const BEFORE = new Map<string, Summary>();
let asked: Asked | undefined;

const NONE: Summary = { states: [], groups: [], heaviest: [] };

/** `of`: what to group the connections by; `as`: a name for that, and for whose connections they are. */
export function summarize(
  connections: readonly Connection[],
  as: string,
  of: (connection: Connection) => string,
): Summary {
  const known = KNOWN.get(connections)?.get(as);
  if (known !== undefined) return known;
  if (connections.length <= MAX_AT_ONCE) return runToEnd(summing({ connections, as, of }));
  asked ??= { connections, as, of };
  return BEFORE.get(as) ?? NONE;
}

/** Whether something was drawn whose sums are yet to be made. */
export function areSumsMissing(): boolean {
  return asked !== undefined;
}

/** Makes the sums that were missing when they were last drawn. */
export function* summingUp(): ChunkedWork<void> {
  const wanted = asked;
  if (wanted !== undefined) yield* summing(wanted);
  asked = undefined;
}

function* summing({ connections, as, of }: Asked): ChunkedWork<Summary> {
  const states = new Map<string, number>();
  const groups = new Map<string, TrafficSummary>();
  const heaviest: Connection[] = [];
  yield* forEachChunked(connections, (connection) => {
    const state = isUnanswered(connection) ? '✗ no answer' : formatState(connection);
    states.set(state, (states.get(state) ?? 0) + 1);
    const name = of(connection);
    const group = groups.get(name) ?? new TrafficSummary();
    groups.set(name, group);
    group.add(connection);
    const last = heaviest[MAX_CONNECTIONS - 1];
    if (last !== undefined && rank(connection) <= rank(last)) return;
    heaviest.push(connection);
    heaviest.sort((a, b) => rank(b) - rank(a));
    heaviest.length = Math.min(heaviest.length, MAX_CONNECTIONS);
  });
  const summary: Summary = {
    states: [...states].sort(([, a], [, b]) => b - a),
    groups: [...groups].sort(([, a], [, b]) => (b.rate ?? 0) - (a.rate ?? 0) || b.connections - a.connections),
    heaviest,
  };
  const known = KNOWN.get(connections) ?? new Map<string, Summary>();
  KNOWN.set(connections, known);
  known.set(as, summary);
  if (connections.length > MAX_AT_ONCE) {
    if (BEFORE.size >= MAX_REMEMBERED) BEFORE.clear();
    BEFORE.set(as, summary);
  }
  return summary;
}

function rank(connection: Connection): number {
  return (sumRates(connection) ?? 0) + (isUnanswered(connection) ? 0.5 : 0);
}

export function trafficLine({ connections, unanswered, bytes, rate, sentRate, receivedRate }: TrafficSummary): Line {
  return [
    span('traffic  ', 'heading'),
    span(formatRate(rate), 'strong'),
    span('   out ', 'heading'),
    span(formatRate(sentRate)),
    span('   in ', 'heading'),
    span(formatRate(receivedRate)),
    span(`   ${formatBytes(bytes)} in ${counted(connections, 'connection')}`, 'dim'),
    ...(unanswered > 0 ? [span(`   ✗ ${formatCount(unanswered)} unanswered`, 'bad')] : []),
  ];
}

export function stateLine({ states }: Summary): Line {
  const shown = states.slice(0, MAX_STATES);
  const rest = states.slice(MAX_STATES).reduce((sum, [, count]) => sum + count, 0);
  return [
    span('states   ', 'heading'),
    ...shown.flatMap(([state, count], i) => [
      span(i === 0 ? '' : '   '),
      span(`${state} `, state.startsWith('✗') ? 'bad' : 'dim'),
      span(formatCount(count)),
    ]),
    ...(rest > 0 ? [span(`   others ${formatCount(rest)}`, 'dim')] : []),
  ];
}

/** The names of these groups, as wide as the widest of them, where that fits. */
export function nameColumnWidth(summaries: readonly Summary[], room: number): number {
  const most = Math.min(MAX_NAME_WIDTH, Math.max(MIN_NAME_WIDTH, room - BESIDE_NAME));
  const names = summaries.flatMap(({ groups }) => groups.slice(0, MAX_GROUPS));
  return Math.max(0, ...names.map(([name]) => Math.min(most, toCells(name).length)));
}

/** The heaviest of what the connections were grouped by. `heading`: at most 8 characters. */
export function topGroupLines(
  heading: string,
  summary: Summary,
  room: number,
  width = nameColumnWidth([summary], room),
): Line[] {
  const { groups } = summary;
  const shown = groups.slice(0, MAX_GROUPS);
  const more = groups.length - shown.length;
  return shown.map(([name, { rate, connections, unanswered }], i) => [
    span((i === 0 ? heading : '').padEnd(9), 'heading'),
    span(pad(toCells(name), width)),
    span(`   ${formatRate(rate).padStart(9)}`),
    span(`   ${counted(connections, 'connection')}`, 'dim'),
    ...(unanswered > 0 ? [span(`   ✗ ${formatCount(unanswered)}`, 'bad')] : []),
    ...(i === shown.length - 1 && more > 0 ? [span(`   and ${formatCount(more)} more`, 'dim')] : []),
  ]);
}

export function topConnectionLines({ heaviest }: Summary, width: number, heading = 'heaviest'): Line[] {
  return connectionLines(heading, heaviest, width);
}

function counted(count: number, what: string): string {
  return `${formatCount(count)} ${what}${count === 1 ? '' : 's'}`;
}
