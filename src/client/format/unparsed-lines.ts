import type { AgentState } from '../model/agent.ts';
import { formatCount } from './numbers.ts';
import { type CleanText, cleanText, sentence } from './sanitize.ts';

/** Of an agent whose table has lines but no flow: what it reads is not understood. Undefined: it is. */
export function describeUnparsedTable(agent: AgentState): CleanText | undefined {
  const { node, flows, poll } = agent;
  if (flows !== 0 || poll === undefined || poll.unparsedLines === 0) return undefined;
  const lines = cleanText(formatCount(poll.unparsedLines));
  return sentence`${node}: no line of ${tableOf(agent)} is one of a conntrack table (${lines} lines${formatSample(agent)})`;
}

/** Of an agent that left out lines of its table, whether it understood others or none. Undefined: it understood all. */
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

/** One of the lines; undefined where there are none. */
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
