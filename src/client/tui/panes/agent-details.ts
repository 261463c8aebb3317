import { formatAgentStatus, statusReason } from '../../format/agent.ts';
import { toCells } from '../../format/cells.ts';
import { formatWorkload } from '../../format/connection.ts';
import { formatAge, formatCount, formatDuration, formatPercent } from '../../format/numbers.ts';
import { unparsedSample } from '../../format/unparsed-lines.ts';
import { type AgentState, entryCount, tableUsage } from '../../model/agent.ts';
import type { NodeRow } from '../../traffic/node-rows.ts';
import { besideColumns, type Line, span, wrap } from '../text/line.ts';
import type { Summaries } from '../view-model/summaries.ts';
import { stateLine, topConnectionLines, topGroupLines, trafficLine } from './summary.ts';

/** A node: its traffic, workloads and agent. */
export function renderNodeDetails(
  { agent, traffic, connections }: NodeRow,
  summaries: Summaries,
  rates: readonly Line[],
  now: number,
  width: number,
): Line[] {
  const summary = summaries.of(connections, `clients on ${agent.key}`, ({ source }) => formatWorkload(source));
  return [
    ...(agent.status.kind === 'live' ? [] : statusLines(agent, now, width)),
    trafficLine(traffic),
    ...rates,
    stateLine(summary),
    tableLine(agent),
    ...besideColumns(
      (room) => topGroupLines('clients', summary, room),
      (room) => topConnectionLines(summary, room),
      width,
    ),
  ];
}

/** An agent: its status, cost and kernel counters. */
export function renderAgentDetails(agent: AgentState, rates: readonly Line[], now: number, width: number): Line[] {
  const { info, poll } = agent;
  const lines: Line[] = [...statusLines(agent, now, width), ...rates, tableLine(agent)];
  if (poll) {
    const every = `${formatDuration(poll.durationSeconds)} every ${formatDuration(poll.intervalSeconds)}`;
    const unparsed = poll.unparsedLines > 0 ? `   ${formatCount(poll.unparsedLines)} lines not understood` : '';
    lines.push([
      span('poll     ', 'heading'),
      span(every),
      span(poll.skipped ? '   one was skipped' : '', 'warn'),
      span(unparsed, 'warn'),
    ]);
    const sample = unparsedSample(agent);
    if (sample !== undefined)
      lines.push(
        ...wrap(`such as "${toCells(sample)}"`, Math.max(20, width - 9)).map((text) => [
          span('         '),
          span(text, 'warn'),
        ]),
      );
  }
  if (info) {
    const off = info.accounting === 'off';
    lines.push([
      span('kernel   ', 'heading'),
      span(`accounting ${info.accounting}`, off ? 'warn' : undefined),
      span(off ? ' (sysctl -w net.netfilter.nf_conntrack_acct=1)' : ''),
      span(`   timestamps ${info.timestamping}`),
    ]);
    const trouble = Object.entries(info.counters ?? {}).filter(([, count]) => count > 0);
    if (trouble.length > 0)
      lines.push([
        span('counters ', 'heading'),
        span(trouble.map(([name, count]) => `${toCells(name)} ${formatCount(count)}`).join('   ')),
      ]);
    const since = info.startedAt === undefined ? '' : `   up ${formatAge((now - info.startedAt) / 1000)}`;
    const pod = agent.pod === undefined ? agent.key : `${agent.namespace}/${agent.pod}`;
    lines.push([
      span('agent    ', 'heading'),
      span(toCells(pod)),
      span(`   version ${toCells(info.version)}${since}`, 'dim'),
    ]);
  }
  return lines;
}

function statusLines(agent: AgentState, now: number, width: number): Line[] {
  const { status } = agent;
  const why = statusReason(agent);
  const reason = why === undefined ? '' : `: ${toCells(why)}`;
  const retry =
    status.kind === 'lost' && status.retryAt !== undefined && status.retryAt > now
      ? `, tried again in ${formatAge(Math.ceil((status.retryAt - now) / 1000))}`
      : '';
  return wrap(`${formatAgentStatus(agent, now)}${reason}${retry}`, Math.max(20, width - 9)).map((text, i) => [
    span(i === 0 ? 'status   ' : '         ', 'heading'),
    span(text, status.kind === 'live' ? 'good' : 'bad'),
  ]);
}

function tableLine(agent: AgentState): Line {
  const { info } = agent;
  return [
    span('table    ', 'heading'),
    span(
      `${formatCount(entryCount(agent))} of ${formatCount(info?.maxEntries)} entries (${formatPercent(tableUsage(agent))})`,
    ),
    span(info && info.source !== 'unknown' ? `   ${info.source}` : '', 'dim'),
    span(info?.path && info.path !== info.source ? ` ${toCells(info.path)}` : '', 'dim'),
  ];
}
