import type { AgentState } from '../model.ts';
import { reasonOf } from '../table/agent-json.ts';
import type { Column } from '../table/column.ts';
import { cleanLine } from './words.ts';

const UNKNOWN = '–';

function column(
  heading: string,
  help: string,
  text: (agent: AgentState, now: number) => string | undefined,
  align: 'left' | 'right' = 'left',
): Column<AgentState> {
  return {
    id: heading.toLowerCase(),
    heading,
    help,
    align,
    width: heading.length,
    first: 'ascending',
    text: (agent, { now }) => cleanLine(text(agent, now) ?? '') || UNKNOWN,
    key: (agent, { now }) => text(agent, now),
  };
}

/** The columns of `kflow agents`, in order. */
export const AGENT_COLUMNS: readonly Column<AgentState>[] = [
  column('NODE', 'the node that it watches', (agent) => agent.node),
  column('POD', 'its pod, or how it is reached', (agent) =>
    agent.pod === undefined ? agent.key : `${agent.namespace}/${agent.pod}`,
  ),
  column('STATUS', 'connecting, live, stale (its polls fail or do not come) or lost', (agent) => agent.status.kind),
  column('VERSION', 'its version', (agent) => agent.about?.version),
  column('FLOWS', 'flows in its table', (agent) => agent.flows?.toString(), 'right'),
  column('TABLE', 'entries of the kernel’s table, and their share of its maximum', tableFill, 'right'),
  column('POLL', 'how long a poll of the kernel took', (agent) => seconds(agent.poll?.durationSeconds), 'right'),
  column('EVERY', 'the time between polls', (agent) => seconds(agent.poll?.intervalSeconds), 'right'),
  column('ACCOUNTING', 'whether the kernel counts packets and bytes', (agent) => agent.about?.accounting),
  column('SOURCE', 'where its table comes from', (agent) =>
    [agent.about?.source, agent.about?.path].filter((part) => part && part !== 'unknown').join(' '),
  ),
  column('SEEN', 'how long ago it was heard of', ({ lastSeenAt }, now) =>
    lastSeenAt === undefined ? undefined : `${seconds(Math.max(0, Math.round((now - lastSeenAt) / 1000)))} ago`,
  ),
  column('REASON', 'why it is stale or lost', reasonOf),
];

function tableFill({ about, poll }: AgentState): string | undefined {
  const entries = about?.entries ?? poll?.entries;
  if (entries === undefined) return undefined;
  if (!about?.maxEntries) return String(entries);
  return `${entries}/${about.maxEntries} (${Math.round((entries / about.maxEntries) * 100)}%)`;
}

function seconds(value: number | undefined): string | undefined {
  if (value === undefined) return undefined;
  return value < 1 && value > 0 ? `${Math.max(1, Math.round(value * 1000))} ms` : `${Number(value.toPrecision(3))} s`;
}
