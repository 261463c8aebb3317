import type { AgentState } from '../../model.ts';
import { formatAge, formatCount, formatDuration, formatPercent, formatRate } from '../../table/format.ts';
import { fillOf } from '../../table/table-fill.ts';
import { statusText } from '../columns/status-text.ts';
import type { Derived } from '../data/derive.ts';
import { agentKey, averages, connectionKey, type History, sparkline } from '../data/history.ts';

import { graphSeries } from '../graph/picture.ts';
import type { GraphScene } from '../graph/scene.ts';
import { selectedIndex } from '../state/select.ts';
import type { ViewState } from '../state/state.ts';

import { graphKey } from '../state/walk.ts';
import { type Line, span, wrap } from '../text/line.ts';
import { plain } from '../text/plain.ts';
import { connectionDetails } from './connection-details.ts';
import { graphDetails } from './graph-details.ts';

export interface Details {
  readonly title: string;
  readonly lines: readonly Line[];
}

/** What is to be said of the row that is selected in the pane that was used last. */
export function details(
  state: ViewState,
  derived: Derived,
  graph: GraphScene,
  history: History,
  now: number,
  width: number,
): Details {
  const { subject } = state;
  if (subject === 'graph') {
    const key = graphKey(state);
    const rates = key === undefined ? [] : rateLines(history.ratesOf(graphSeries(state.grouping, key)), width);
    return graphDetails(key, graph, derived, rates, width);
  }
  if (subject === 'nodes' || subject === 'agents') {
    const table = derived.table(subject);
    const key = table.keyAt(selectedIndex(state, subject, table));
    const agent = derived.snapshot.agents.find((one) => one.key === key);
    if (agent) {
      const lines = agentDetails(agent, now, width);
      return {
        title: `Node ${plain(agent.node)}`,
        lines: [...rateLines(history.ratesOf(agentKey(agent.key)), width), ...lines],
      };
    }
  }
  if (subject !== 'connections' && subject !== 'nodes' && subject !== 'agents') {
    const table = derived.table(subject);
    const row = selectedIndex(state, subject, table);
    const lines = table.columns.map(
      (column, at): Line => [span(`${column.heading.padEnd(12)} `, 'heading'), span(table.cell(row, at))],
    );
    return { title: 'Details', lines: table.size === 0 ? [] : lines };
  }
  const index = selectedIndex(state, 'connections', derived.table('connections'));
  const connection = derived.connectionAt(index);
  if (connection === undefined) return { title: 'Details', lines: [[span('no connection selected', 'dim')]] };
  const rates = rateLines(history.ratesOf(connectionKey(connection.id)), width);
  return { title: 'Details', lines: connectionDetails(connection, rates, now, width) };
}

/** The last ten minutes at most, and averages over the last 2, 10 and 40 seconds. */
export function rateLines(rates: readonly number[], width: number): Line[] {
  if (rates.every((rate) => Number.isNaN(rate))) return [];
  const means = averages(rates).map((rate, i) => `${[2, 10, 40][i]} s ${formatRate(rate)}`);
  const room = Math.max(8, width - 13 - means.join('   ').length);
  return [[span('rate     ', 'heading'), span(sparkline(rates, room), 'heat3'), span(`  ${means.join('   ')}`, 'dim')]];
}

function agentDetails(agent: AgentState, now: number, width: number): Line[] {
  const { about, poll, status } = agent;
  const state = statusText(agent, now);
  const reason = status.kind === 'lost' || status.kind === 'stale' ? `: ${plain(status.reason)}` : '';
  const retry =
    status.kind === 'lost' && status.retryAt > now
      ? `, tried again in ${formatAge(Math.ceil((status.retryAt - now) / 1000))}`
      : '';
  const entries = poll?.entries ?? about?.entries;
  const lines: Line[] = [
    ...wrap(`${state}${reason}${retry}`, Math.max(20, width - 9)).map(
      (text, i): Line => [
        span(i === 0 ? 'status   ' : '         ', 'heading'),
        span(text, status.kind === 'live' ? 'good' : 'bad'),
      ],
    ),
    [
      span('table    ', 'heading'),
      span(`${formatCount(entries)} of ${formatCount(about?.maxEntries)} entries (${formatPercent(fillOf(agent))})`),
      span(about?.path ? `   ${plain(about.path)}` : '', 'dim'),
      span(about && about.source !== 'unknown' ? ` by ${about.source}` : '', 'dim'),
    ],
  ];
  if (poll) {
    const every = `${formatDuration(poll.durationSeconds)} every ${formatDuration(poll.intervalSeconds)}`;
    const unparsed = poll.unparsedLines > 0 ? `   ${formatCount(poll.unparsedLines)} lines not understood` : '';
    lines.push([
      span('poll     ', 'heading'),
      span(every),
      span(poll.skipped ? '   one was skipped' : '', 'warn'),
      span(unparsed, 'warn'),
    ]);
  }
  if (about) {
    const off = about.accounting === 'off';
    lines.push([
      span('kernel   ', 'heading'),
      span(`accounting ${about.accounting}`, off ? 'warn' : undefined),
      span(off ? ' (sysctl -w net.netfilter.nf_conntrack_acct=1)' : ''),
      span(`   timestamps ${about.timestamping}`),
    ]);
    const trouble = Object.entries(about.counters ?? {}).filter(([, count]) => count > 0);
    if (trouble.length > 0)
      lines.push([
        span('counters ', 'heading'),
        span(trouble.map(([name, count]) => `${plain(name)} ${formatCount(count)}`).join('   ')),
      ]);
    const since = about.startedAt === undefined ? '' : `   up ${formatAge((now - about.startedAt) / 1000)}`;
    const pod = agent.pod === undefined ? agent.key : `${agent.namespace}/${agent.pod}`;
    lines.push([
      span('agent    ', 'heading'),
      span(plain(pod)),
      span(`   version ${plain(about.version)}${since}`, 'dim'),
    ]);
  }
  return lines;
}
