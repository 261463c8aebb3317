import { cleanText } from '../escape.ts';
import type { AgentState } from '../model.ts';
import { formatCount } from './format.ts';

/** Of an agent whose table has lines but no flow: what it reads is not understood. Undefined: it is. */
export function nothingUnderstood({ node, flows, about, poll }: AgentState): string | undefined {
  if (flows !== 0 || poll === undefined || poll.unparsedLines === 0) return undefined;
  const path = about?.path ? cleanText(about.path) : 'its table';
  return `${cleanText(node)}: no line of ${path} is one of a conntrack table (${formatCount(poll.unparsedLines)} lines)`;
}
