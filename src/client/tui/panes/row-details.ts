import { toCells } from '../../format/cells.ts';
import { formatEndpoint, formatWorkload } from '../../format/connection.ts';
import { formatCount } from '../../format/numbers.ts';
import type { Connection } from '../../model/connection.ts';
import { formatNextStep } from '../../problems/next-step.ts';
import type { Problem } from '../../problems/problem.ts';
import type { ServiceRow } from '../../traffic/service-rows.ts';
import { type WorkloadGrouping, type WorkloadRow, workloadKey } from '../../traffic/workload-rows.ts';
import { besideColumns, type Line, span, wrap } from '../text/line.ts';
import type { Summaries } from '../view-model/summaries.ts';
import { nameColumnWidth, stateLine, topConnectionLines, topGroupLines, trafficLine } from './summary.ts';

/** A workload: its traffic, peers, states, and heaviest connections. */
export function renderWorkloadDetails(
  row: WorkloadRow,
  by: WorkloadGrouping,
  summaries: Summaries,
  rates: readonly Line[],
  width: number,
): Line[] {
  const peer = ({ source, destination }: Connection) => {
    const from = workloadKey(source, by);
    return from === row.name ? workloadKey(destination, by) : from;
  };
  const summary = summaries.of(row.connections, `peers of ${row.name}`, peer);
  return [
    trafficLine(row.traffic),
    ...rates,
    stateLine(summary),
    ...besideColumns(
      (room) => topGroupLines('peers', summary, room),
      (room) => topConnectionLines(summary, room),
      width,
    ),
  ];
}

/** A service: its clients and its backends. */
export function renderServiceDetails(
  row: ServiceRow,
  summaries: Summaries,
  rates: readonly Line[],
  width: number,
): Line[] {
  const clients = summaries.of(row.connections, `clients of ${row.key}`, ({ source }) => formatWorkload(source));
  const backends = summaries.of(row.connections, `backends of ${row.key}`, ({ destination }) =>
    destination.kind === 'service' ? 'no backend' : formatEndpoint(destination),
  );
  return [
    trafficLine(row.traffic),
    ...rates,
    stateLine(clients),
    ...besideColumns(
      (room) => {
        const width = nameColumnWidth([clients, backends], room);
        return [...topGroupLines('clients', clients, room, width), ...topGroupLines('backends', backends, room, width)];
      },
      (room) => topConnectionLines(clients, room),
      width,
    ),
  ];
}

/** A problem: its explanation, the next step, and some of its connections. */
export function renderProblemDetails(
  problem: Problem,
  connections: readonly Connection[],
  summaries: Summaries,
  width: number,
): Line[] {
  const text = (heading: string, words: string): Line[] =>
    wrap(toCells(words), Math.max(20, width - 10)).map((line, i) => [
      span((i === 0 ? heading : '').padEnd(9), 'heading'),
      span(line),
    ]);
  // Each search creates new problem objects.
  const behind = summaries.matching(problem, connections, (one) => problem.matches?.(one) ?? false);
  const summary = summaries.of(behind, problem.key, ({ source }) => formatWorkload(source));
  return [
    [
      span('problem  ', 'heading'),
      span(problem.title, problem.severity === 3 ? 'bad' : problem.severity === 2 ? 'warn' : undefined),
      span(` at ${toCells(problem.subject)}`, 'strong'),
      span(`   ${problem.unit}: ${formatCount(problem.count)}`, 'dim'),
    ],
    ...text('meaning', problem.explanation),
    ...text('next', formatNextStep(problem.nextStep)),
    ...(behind.length === 0
      ? []
      : besideColumns(
          (room) => topGroupLines('from', summary, room),
          (room) => topConnectionLines(summary, room, 'such as'),
          width,
        )),
  ];
}
