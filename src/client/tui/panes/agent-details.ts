import { reasonOf, statusText } from '../../format/agent.ts';
import { plain } from '../../format/cells.ts';
import { workloadText } from '../../format/connection.ts';
import { formatAge, formatCount, formatDuration, formatPercent } from '../../format/numbers.ts';
import { unparsedSample } from '../../format/unparsed-lines.ts';
import { type AgentState, entriesOf, fillOf } from '../../model/agent.ts';
import type { NodeRow } from '../../traffic/node-rows.ts';
import { beside, type Line, span, wrap } from '../text/line.ts';
import { groupLines, heaviestLines, stateLine, summaryOf, trafficLine } from './summary.ts';

/** A node: what its agent sees, who talks there, and how the agent is. */
export function nodeDetails(
  { agent, traffic, connections }: NodeRow,
  rates: readonly Line[],
  now: number,
  width: number,
): Line[] {
  const summary = summaryOf(connections, `talkers on ${agent.key}`, ({ source }) => workloadText(source));
  return [
    ...(agent.status.kind === 'live' ? [] : statusLines(agent, now, width)),
    trafficLine(traffic),
    ...rates,
    stateLine(summary),
    tableLine(agent),
    ...beside(
      (room) => groupLines('talkers', summary, room),
      (room) => heaviestLines(summary, room),
      width,
    ),
  ];
}

/** An agent: how it is, what it costs, and what its kernel says. */
export function agentDetails(agent: AgentState, rates: readonly Line[], now: number, width: number): Line[] {
  const { about, poll } = agent;
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
        ...wrap(`such as "${plain(sample)}"`, Math.max(20, width - 9)).map((text) => [
          span('         '),
          span(text, 'warn'),
        ]),
      );
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

function statusLines(agent: AgentState, now: number, width: number): Line[] {
  const { status } = agent;
  const why = reasonOf(agent);
  const reason = why === undefined ? '' : `: ${plain(why)}`;
  const retry =
    status.kind === 'lost' && status.retryAt !== undefined && status.retryAt > now
      ? `, tried again in ${formatAge(Math.ceil((status.retryAt - now) / 1000))}`
      : '';
  return wrap(`${statusText(agent, now)}${reason}${retry}`, Math.max(20, width - 9)).map((text, i) => [
    span(i === 0 ? 'status   ' : '         ', 'heading'),
    span(text, status.kind === 'live' ? 'good' : 'bad'),
  ]);
}

function tableLine(agent: AgentState): Line {
  const { about } = agent;
  return [
    span('table    ', 'heading'),
    span(
      `${formatCount(entriesOf(agent))} of ${formatCount(about?.maxEntries)} entries (${formatPercent(fillOf(agent))})`,
    ),
    span(about && about.source !== 'unknown' ? `   ${about.source}` : '', 'dim'),
    span(about?.path ? ` ${plain(about.path)}` : '', 'dim'),
  ];
}
