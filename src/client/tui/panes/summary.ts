import { pad, toCells } from '../../format/cells.ts';
import { formatBytes, formatCount, formatRate } from '../../format/numbers.ts';
import type { TrafficSummary } from '../../traffic/traffic.ts';
import { type Line, span } from '../text/line.ts';
import type { Summary } from '../view-model/summaries.ts';
import { connectionLines } from './detail-lines.ts';

const MAX_GROUPS = 4;
const MAX_STATES = 6;
const MAX_NAME_WIDTH = 44;
const MIN_NAME_WIDTH = 12;
/** Heading, rate, connections, and those unanswered. */
const BESIDE_NAME = 9 + 12 + 20 + 8;

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
