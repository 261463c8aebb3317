import { formatBytes, formatCount, formatRate } from '../format/numbers.ts';
import type { TrafficSummary } from '../traffic/traffic.ts';
import type { Column } from './column.ts';

interface HasTraffic {
  readonly traffic: TrafficSummary;
}

/** The columns of every table of sums. */
export const TRAFFIC_COLUMNS = {
  connections: {
    id: 'connections',
    dropPriority: 3,
    heading: 'CONNS',
    help: 'connections',
    align: 'right',
    width: 7,
    defaultDirection: 'descending',
    cell: (row) => formatCount(row.traffic.connections),
    sortKey: (row) => row.traffic.connections,
  },
  unanswered: {
    id: 'unanswered',
    dropPriority: 1,
    heading: 'NO REPLY',
    help: 'unanswered requests: SYN, DNS query, ICMP echo',
    align: 'right',
    width: 9,
    defaultDirection: 'descending',
    cell: (row) => (row.traffic.unanswered === 0 ? '' : `✗ ${formatCount(row.traffic.unanswered)}`),
    sortKey: (row) => row.traffic.unanswered,
  },
  rate: {
    id: 'rate',
    heading: 'RATE',
    help: 'bytes per second in both directions, over the last poll',
    align: 'right',
    width: 9,
    defaultDirection: 'descending',
    cell: (row) => formatRate(row.traffic.rate),
    sortKey: (row) => row.traffic.rate,
  },
  out: {
    id: 'out',
    dropPriority: 4,
    heading: 'RATE OUT',
    help: 'bytes per second sent, over the last poll',
    align: 'right',
    width: 9,
    defaultDirection: 'descending',
    cell: (row) => formatRate(row.traffic.sentRate),
    sortKey: (row) => row.traffic.sentRate,
  },
  in: {
    id: 'in',
    dropPriority: 4,
    heading: 'RATE IN',
    help: 'bytes per second received, over the last poll',
    align: 'right',
    width: 9,
    defaultDirection: 'descending',
    cell: (row) => formatRate(row.traffic.receivedRate),
    sortKey: (row) => row.traffic.receivedRate,
  },
  total: {
    id: 'total',
    dropPriority: 7,
    heading: 'TOTAL',
    help: 'bytes since the connections began',
    align: 'right',
    width: 8,
    defaultDirection: 'descending',
    cell: (row) => formatBytes(row.traffic.bytes),
    sortKey: (row) => row.traffic.bytes,
  },
} as const satisfies Record<string, Column<HasTraffic>>;
