import { formatBytes, formatCount, formatRate } from '../format/numbers.ts';
import type { Traffic } from '../traffic/traffic.ts';
import type { Column } from './column.ts';

interface HasTraffic {
  readonly traffic: Traffic;
}

/** Columns that every table of sums has. */
export const TRAFFIC_COLUMNS = {
  connections: {
    id: 'connections',
    spare: 3,
    heading: 'CONNS',
    help: 'connections',
    align: 'right',
    width: 7,
    first: 'descending',
    text: (row) => formatCount(row.traffic.connections),
    key: (row) => row.traffic.connections,
  },
  unanswered: {
    id: 'unanswered',
    spare: 1,
    heading: 'NO ANSWER',
    help: 'connections that were asked for and not answered',
    align: 'right',
    width: 9,
    first: 'descending',
    text: (row) => (row.traffic.unanswered === 0 ? '' : `✗ ${formatCount(row.traffic.unanswered)}`),
    key: (row) => row.traffic.unanswered,
  },
  rate: {
    id: 'rate',
    heading: 'RATE',
    help: 'bytes per second in both directions, over the last poll',
    align: 'right',
    width: 9,
    first: 'descending',
    text: (row) => formatRate(row.traffic.rate),
    key: (row) => row.traffic.rate,
  },
  out: {
    id: 'out',
    spare: 4,
    heading: 'RATE OUT',
    help: 'bytes per second sent, over the last poll',
    align: 'right',
    width: 9,
    first: 'descending',
    text: (row) => formatRate(row.traffic.sentRate),
    key: (row) => row.traffic.sentRate,
  },
  in: {
    id: 'in',
    spare: 4,
    heading: 'RATE IN',
    help: 'bytes per second received, over the last poll',
    align: 'right',
    width: 9,
    first: 'descending',
    text: (row) => formatRate(row.traffic.receivedRate),
    key: (row) => row.traffic.receivedRate,
  },
  total: {
    id: 'total',
    spare: 7,
    heading: 'TOTAL',
    help: 'bytes since the connections began',
    align: 'right',
    width: 8,
    first: 'descending',
    text: (row) => formatBytes(row.traffic.bytes),
    key: (row) => row.traffic.bytes,
  },
} as const satisfies Record<string, Column<HasTraffic>>;
