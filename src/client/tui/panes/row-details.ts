import { plain } from '../../format/cells.ts';
import { partyName, workloadText } from '../../format/connection.ts';
import { formatCount } from '../../format/numbers.ts';
import type { Connection } from '../../model/connection.ts';
import { stepText } from '../../problems/next-step.ts';
import type { Problem } from '../../problems/problem.ts';
import type { ServiceRow } from '../../traffic/service-rows.ts';
import { type TalkerRow, type TalkersBy, talkerOf } from '../../traffic/workload-rows.ts';
import { beside, type Line, span, wrap } from '../text/line.ts';
import { groupLines, heaviestLines, namesWidth, stateLine, summaryOf, trafficLine } from './summary.ts';

/** A workload: what it carries, with whom, in which states, and its heaviest connections. */
export function talkerDetails(row: TalkerRow, by: TalkersBy, rates: readonly Line[], width: number): Line[] {
  const peer = ({ source, destination }: Connection) => {
    const from = talkerOf(source, by);
    return from === row.name ? talkerOf(destination, by) : from;
  };
  const summary = summaryOf(row.connections, `peers of ${row.name}`, peer);
  return [
    trafficLine(row.traffic),
    ...rates,
    stateLine(summary),
    ...beside(
      (room) => groupLines('peers', summary, room),
      (room) => heaviestLines(summary, room),
      width,
    ),
  ];
}

/** A service: who asks, and who answers. */
export function serviceDetails(row: ServiceRow, rates: readonly Line[], width: number): Line[] {
  const clients = summaryOf(row.connections, `clients of ${row.key}`, ({ source }) => workloadText(source));
  const backends = summaryOf(row.connections, `backends of ${row.key}`, ({ destination }) =>
    destination.kind === 'service' ? 'no backend' : partyName(destination),
  );
  return [
    trafficLine(row.traffic),
    ...rates,
    stateLine(clients),
    ...beside(
      (room) => {
        const width = namesWidth([clients, backends], room);
        return [...groupLines('clients', clients, room, width), ...groupLines('backends', backends, room, width)];
      },
      (room) => heaviestLines(clients, room),
      width,
    ),
  ];
}

// Found once, however often it is drawn: a problem is another object when it has been looked at again.
const BEHIND = new WeakMap<Problem, readonly Connection[]>();

function behindOf(problem: Problem, connections: readonly Connection[]): readonly Connection[] {
  const found = BEHIND.get(problem) ?? connections.filter((one) => problem.matches?.(one) ?? false);
  BEHIND.set(problem, found);
  return found;
}

/** A problem: what it means, what to do, and some of the connections behind it. */
export function problemDetails(problem: Problem, connections: readonly Connection[], width: number): Line[] {
  const text = (heading: string, words: string): Line[] =>
    wrap(plain(words), Math.max(20, width - 10)).map((line, i) => [
      span((i === 0 ? heading : '').padEnd(9), 'heading'),
      span(line),
    ]);
  const behind = behindOf(problem, connections);
  const summary = summaryOf(behind, problem.key, ({ source }) => workloadText(source));
  return [
    [
      span('problem  ', 'heading'),
      span(problem.what, problem.severity === 3 ? 'bad' : problem.severity === 2 ? 'warn' : undefined),
      span(` at ${plain(problem.where)}`, 'strong'),
      span(`   ${problem.counted}: ${formatCount(problem.count)}`, 'dim'),
    ],
    ...text('meaning', problem.meaning),
    ...text('next', stepText(problem.next)),
    ...(behind.length === 0
      ? []
      : beside(
          (room) => groupLines('from', summary, room),
          (room) => heaviestLines(summary, room, 'such as'),
          width,
        )),
  ];
}
