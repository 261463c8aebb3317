import type { AgentState } from '../model/agent.ts';
import { formatCount } from './numbers.ts';
import { type CleanText, sentence } from './sanitize.ts';

/** "262,144 of 3,000,000 flows: those with the highest rates". Undefined: none are omitted. */
export function describeOmitted({ flows, omittedFlows }: AgentState): string | undefined {
  if (flows === undefined || omittedFlows === undefined) return undefined;
  return `${formatCount(flows)} of ${formatCount(flows + omittedFlows)} flows: those with the highest rates`;
}

/** The same for a notice, which appears once: without numbers, because they change with each poll. */
export function omittedNotice({ node, omittedFlows }: AgentState): CleanText | undefined {
  if (omittedFlows === undefined) return undefined;
  return sentence`${node}: it has more flows than kflow has room for; only those with the highest rates are shown`;
}
