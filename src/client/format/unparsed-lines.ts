import type { AgentState } from '../model/agent.ts';
import { formatCount } from './numbers.ts';
import { type CleanText, cleanText, sentence } from './sanitize.ts';

/** Describes an agent that could parse no line of its table. Undefined: it could. */
export function describeUnparsedTable(agent: AgentState): CleanText | undefined {
  const { node, flows, poll } = agent;
  if (flows !== 0 || poll === undefined || poll.unparsedLines === 0) return undefined;
  const lines = cleanText(formatCount(poll.unparsedLines));
  return sentence`${node}: no line of ${tableOf(agent)} is one of a conntrack table (${lines} lines${formatSample(agent)})`;
}

/** Describes an agent that could not parse some or all lines of its table. Undefined: it parsed all. */
export function describeUnparsedLines(agent: AgentState): CleanText | undefined {
  const { node, poll } = agent;
  if (poll === undefined || poll.unparsedLines === 0) return undefined;
  const { unparsedLines } = poll;
  const lines = unparsedLines === 1 ? sentence`1 line` : sentence`${cleanText(formatCount(unparsedLines))} lines`;
  return (
    describeUnparsedTable(agent) ??
    sentence`${node}: ${lines} of ${tableOf(agent)} not understood and left out${formatSample(agent)}`
  );
}

/** One of the lines; undefined if there are none. */
export function unparsedSample({ info, poll }: AgentState): CleanText | undefined {
  if (poll?.unparsedLines === 0) return undefined;
  return poll?.unparsedSample ?? info?.unparsedSample;
}

function tableOf({ info }: AgentState): CleanText {
  return info?.path || sentence`its table`;
}

function formatSample(agent: AgentState): CleanText {
  const sample = unparsedSample(agent);
  return sample === undefined ? sentence`` : sentence`, such as "${sample}"`;
}
