import { statusText } from '../format/agent.ts';
import { plain } from '../format/cells.ts';
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
    first: 'ascending',
    text: (row) => plain(row.node),
    key: (row) => row.node,
  },
  {
    id: 'status',
    spare: 2,
    heading: 'STATUS',
    help: 'connecting, live, stale or lost, and for how long',
    align: 'left',
    width: 13,
    first: 'descending',
    text: (row, { now }) => statusText(row.agent, now),
    key: (row) => ['unused', 'live', 'connecting', 'stale', 'lost'].indexOf(row.agent.status.kind),
  },
  TRAFFIC_COLUMNS.connections,
  TRAFFIC_COLUMNS.rate,
  TRAFFIC_COLUMNS.unanswered,
  {
    id: 'fill',
    spare: 4,
    heading: 'TABLE',
    help: "how full the kernel's conntrack table is",
    align: 'right',
    width: 5,
    first: 'descending',
    text: (row) => formatPercent(row.fill),
    key: (row) => row.fill,
  },
];
