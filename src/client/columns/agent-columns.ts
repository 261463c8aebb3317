import { reasonOf } from '../format/agent.ts';
import { formatAge, formatCount, formatDuration, formatPercent, formatShortCount, UNKNOWN } from '../format/numbers.ts';
import { cleanText } from '../format/sanitize.ts';
import { type AgentState, entriesOf, fillOf } from '../model/agent.ts';
import type { Column } from './column.ts';

type AgentColumn = Column<AgentState>;

/** Worst last, so that sorting by status downwards begins with what needs a look. */
const STATUS_RANK = { unused: 0, live: 1, connecting: 2, stale: 3, lost: 4 } as const;

/** The columns of agents, in order. */
export const AGENT_COLUMNS: readonly AgentColumn[] = [
  text('node', 'NODE', 'the node that it watches', 14, ({ node }) => node, { grow: 2, least: 10 }),
  text('pod', 'POD', 'its pod, or how it is reached', 16, podOf, { grow: 2, spare: 6 }),
  {
    id: 'status',
    heading: 'STATUS',
    help: 'connecting, live, stale (its polls fail or do not come), lost or unused (its node has another agent)',
    align: 'left',
    width: 10,
    first: 'descending',
    text: ({ status }) => status.kind,
    key: ({ status }) => STATUS_RANK[status.kind],
  },
  text(
    'reason',
    'REASON',
    'why it is stale, lost or unused, can read no table or has more than is shown; another node that it says it is on',
    12,
    reasonOf,
    {
      grow: 3,
      spare: 1,
      none: '',
    },
  ),
  text('version', 'VERSION', "the agent's version", 9, ({ about }) => about?.version, { spare: 5 }),
  number('flows', 'FLOWS', 'flows in its table', 9, formatCount, ({ flows }) => flows, { spare: 3 }),
  number('fill', 'FILL', "how full the kernel's table is", 5, formatPercent, fillOf, { spare: 2 }),
  number(
    'poll',
    'POLL',
    'how long its last poll of the kernel took',
    6,
    formatDuration,
    ({ poll }) => poll?.durationSeconds,
    { spare: 4 },
  ),
  number(
    'interval',
    'EVERY',
    'the time between polls, as now in force',
    6,
    formatDuration,
    ({ poll }) => poll?.intervalSeconds,
    { spare: 7 },
  ),
  text('accounting', 'ACCT', 'whether the kernel counts packets and bytes', 7, ({ about }) => about?.accounting, {
    spare: 4,
  }),
  {
    id: 'seen',
    spare: 2.5,
    heading: 'SEEN',
    help: 'how old its table is; before the first one, how long ago it answered',
    align: 'right',
    width: 6,
    first: 'descending',
    text: (agent, { now }) => formatAge(agent.lastSeenAt === undefined ? undefined : (now - agent.lastSeenAt) / 1000),
    key: ({ lastSeenAt }, { now }) => (lastSeenAt === undefined ? undefined : now - lastSeenAt),
  },
  text('source', 'SOURCE', 'procfs or netlink', 7, ({ about }) => about?.source, { wide: true }),
  text('path', 'PATH', 'where it reads its table', 28, ({ about }) => about?.path || undefined, { wide: true }),
  text(
    'timestamps',
    'TIMES',
    'whether the kernel keeps when a connection began',
    7,
    ({ about }) => about?.timestamping,
    {
      wide: true,
    },
  ),
  number('entries', 'ENTRIES', "entries in the kernel's table", 9, formatCount, entriesOf, { wide: true }),
  number('max', 'MAX', 'entries that the table has room for', 9, formatCount, ({ about }) => about?.maxEntries, {
    wide: true,
  }),
  number(
    'unparsed',
    'UNPARSED',
    'lines that the last poll could not read',
    8,
    formatShortCount,
    ({ poll }) => poll?.unparsedLines,
    { wide: true },
  ),
];

interface Rest {
  readonly grow?: number;
  readonly least?: number;
  readonly spare?: number;
  readonly wide?: boolean;
  /** What is shown where there is nothing to tell. */
  readonly none?: string;
}

function text(
  id: string,
  heading: string,
  help: string,
  width: number,
  of: (agent: AgentState) => string | undefined,
  { none = UNKNOWN, ...rest }: Rest = {},
): AgentColumn {
  return {
    id,
    heading,
    help,
    align: 'left',
    width,
    first: 'ascending',
    ...rest,
    text: (agent) => of(agent) ?? none,
    key: of,
  };
}

function number(
  id: string,
  heading: string,
  help: string,
  width: number,
  format: (value: number | undefined) => string,
  of: (agent: AgentState) => number | undefined,
  rest: { readonly spare?: number; readonly wide?: boolean } = {},
): AgentColumn {
  return {
    id,
    heading,
    help,
    align: 'right',
    width,
    first: 'descending',
    ...rest,
    text: (agent) => format(of(agent)),
    key: of,
  };
}

function podOf({ pod, namespace, key }: AgentState): string {
  // An identifier, as it was given.
  if (pod === undefined) return cleanText(key);
  return namespace === undefined ? pod : `${namespace}/${pod}`;
}
