import { statusReason } from '../format/agent.ts';
import { formatAge, formatCount, formatDuration, formatPercent, formatShortCount, UNKNOWN } from '../format/numbers.ts';
import { cleanText } from '../format/sanitize.ts';
import { type AgentState, entryCount, tableUsage } from '../model/agent.ts';
import type { Column } from './column.ts';

type AgentColumn = Column<AgentState>;

/** Worst last, so that sorting by status in descending order starts with agents that need attention. */
const STATUS_RANK = { unused: 0, live: 1, connecting: 2, stale: 3, lost: 4 } as const;

/** The columns of agents, in order. */
export const AGENT_COLUMNS: readonly AgentColumn[] = [
  textColumn('node', 'NODE', 'the node that it watches', 14, ({ node }) => node, { grow: 2, minWidth: 10 }),
  textColumn('pod', 'POD', 'its pod, or how it is reached', 16, formatPod, { grow: 2, dropPriority: 6 }),
  {
    id: 'status',
    heading: 'STATUS',
    help: 'connecting, live, stale (its polls fail or do not come), lost or unused (its node has another agent)',
    align: 'left',
    width: 10,
    defaultDirection: 'descending',
    cell: ({ status }) => status.kind,
    sortKey: ({ status }) => STATUS_RANK[status.kind],
  },
  textColumn(
    'reason',
    'REASON',
    'why it is stale, lost or unused, can read no table or has more than is shown; another node that it says it is on',
    12,
    statusReason,
    {
      grow: 3,
      dropPriority: 1,
      none: '',
    },
  ),
  textColumn('version', 'VERSION', "the agent's version", 9, ({ info }) => info?.version, { dropPriority: 5 }),
  numberColumn('flows', 'FLOWS', 'flows in its table', 9, formatCount, ({ flows }) => flows, { dropPriority: 3 }),
  numberColumn('fill', 'FILL', "how full the kernel's table is", 5, formatPercent, tableUsage, { dropPriority: 2 }),
  numberColumn(
    'poll',
    'POLL',
    'how long its last poll of the kernel took',
    6,
    formatDuration,
    ({ poll }) => poll?.durationSeconds,
    { dropPriority: 4 },
  ),
  numberColumn(
    'interval',
    'EVERY',
    'the time between polls, as now in force',
    6,
    formatDuration,
    ({ poll }) => poll?.intervalSeconds,
    { dropPriority: 7 },
  ),
  textColumn('accounting', 'ACCT', 'whether the kernel counts packets and bytes', 7, ({ info }) => info?.accounting, {
    dropPriority: 4,
  }),
  {
    id: 'seen',
    dropPriority: 2.5,
    heading: 'SEEN',
    help: 'how old its table is; before the first one, how long ago it answered',
    align: 'right',
    width: 6,
    defaultDirection: 'descending',
    cell: (agent, { now }) => formatAge(agent.lastSeenAt === undefined ? undefined : (now - agent.lastSeenAt) / 1000),
    sortKey: ({ lastSeenAt }, { now }) => (lastSeenAt === undefined ? undefined : now - lastSeenAt),
  },
  textColumn('source', 'SOURCE', 'procfs or netlink', 7, ({ info }) => info?.source, { wide: true }),
  textColumn('path', 'PATH', 'where it reads its table', 28, ({ info }) => info?.path || undefined, { wide: true }),
  textColumn(
    'timestamps',
    'TIMES',
    'whether the kernel keeps when a connection began',
    7,
    ({ info }) => info?.timestamping,
    {
      wide: true,
    },
  ),
  numberColumn('entries', 'ENTRIES', "entries in the kernel's table", 9, formatCount, entryCount, { wide: true }),
  numberColumn('max', 'MAX', 'entries that the table has room for', 9, formatCount, ({ info }) => info?.maxEntries, {
    wide: true,
  }),
  numberColumn(
    'unparsed',
    'UNPARSED',
    'lines that the last poll could not read',
    8,
    formatShortCount,
    ({ poll }) => poll?.unparsedLines,
    { wide: true },
  ),
  textColumn('choice', 'CHOSEN', 'why it reads its table in this way', 28, ({ info }) => info?.sourceReason, {
    wide: true,
  }),
];

interface ColumnOptions {
  readonly grow?: number;
  readonly minWidth?: number;
  readonly dropPriority?: number;
  readonly wide?: boolean;
  /** The text for an empty cell. */
  readonly none?: string;
}

function textColumn(
  id: string,
  heading: string,
  help: string,
  width: number,
  of: (agent: AgentState) => string | undefined,
  { none = UNKNOWN, ...rest }: ColumnOptions = {},
): AgentColumn {
  return {
    id,
    heading,
    help,
    align: 'left',
    width,
    defaultDirection: 'ascending',
    ...rest,
    cell: (agent) => of(agent) ?? none,
    sortKey: of,
  };
}

function numberColumn(
  id: string,
  heading: string,
  help: string,
  width: number,
  format: (value: number | undefined) => string,
  of: (agent: AgentState) => number | undefined,
  rest: { readonly dropPriority?: number; readonly wide?: boolean } = {},
): AgentColumn {
  return {
    id,
    heading,
    help,
    align: 'right',
    width,
    defaultDirection: 'descending',
    ...rest,
    cell: (agent) => format(of(agent)),
    sortKey: of,
  };
}

function formatPod({ pod, namespace, key }: AgentState): string {
  // An identifier, as it was given.
  if (pod === undefined) return cleanText(key);
  return namespace === undefined ? pod : `${namespace}/${pod}`;
}
