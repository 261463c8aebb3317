import { formatAgentStatus } from '../format/agent.ts';
import { toCells } from '../format/cells.ts';
import { formatPercent } from '../format/numbers.ts';
import type { NodeRow } from '../traffic/node-rows.ts';
import type { Column } from './column.ts';
import { TRAFFIC_COLUMNS } from './traffic-columns.ts';

export const NODE_COLUMNS: readonly Column<NodeRow>[] = [
  {
    id: 'node',
    heading: 'NODE',
    help: "the agent's node",
    align: 'left',
    width: 10,
    grow: 2,
    defaultDirection: 'ascending',
    cell: (row) => toCells(row.node),
    sortKey: (row) => row.node,
  },
  {
    id: 'status',
    dropPriority: 2,
    heading: 'STATUS',
    help: 'connecting, live, stale or lost, and for how long',
    align: 'left',
    width: 13,
    defaultDirection: 'descending',
    cell: (row, { now }) => formatAgentStatus(row.agent, now),
    sortKey: (row) => ['unused', 'live', 'connecting', 'stale', 'lost'].indexOf(row.agent.status.kind),
  },
  TRAFFIC_COLUMNS.connections,
  TRAFFIC_COLUMNS.rate,
  TRAFFIC_COLUMNS.unanswered,
  {
    id: 'fill',
    dropPriority: 4,
    heading: 'TABLE',
    help: "how full the kernel's conntrack table is",
    align: 'right',
    width: 5,
    defaultDirection: 'descending',
    cell: (row) => formatPercent(row.fill),
    sortKey: (row) => row.fill,
  },
];
