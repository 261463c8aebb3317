import { toCells } from '../format/cells.ts';
import { formatProtocol } from '../format/connection.ts';
import { formatCount } from '../format/numbers.ts';
import { portName } from '../format/ports.ts';
import type { ServiceRow } from '../traffic/service-rows.ts';
import type { Column } from './column.ts';
import { TRAFFIC_COLUMNS } from './traffic-columns.ts';

export const SERVICE_COLUMNS: readonly Column<ServiceRow>[] = [
  {
    id: 'service',
    heading: 'SERVICE',
    help: 'the service; or the workload that clients connect to directly; or "outside"',
    align: 'left',
    width: 18,
    minWidth: 14,
    grow: 1,
    defaultDirection: 'ascending',
    cell: (row) => toCells(row.name),
    sortKey: (row) => row.name,
  },
  {
    id: 'port',
    heading: 'PORT',
    help: 'the requested port, and its usual service',
    align: 'left',
    width: 12,
    minWidth: 9,
    defaultDirection: 'ascending',
    cell: ({ port }) => [port, portName(port)].filter((part) => part !== undefined).join(' '),
    sortKey: (row) => row.port,
  },
  {
    id: 'proto',
    dropPriority: 2,
    heading: 'PROTO',
    help: 'the protocol',
    align: 'left',
    width: 7,
    defaultDirection: 'ascending',
    cell: formatProtocol,
    sortKey: formatProtocol,
  },
  {
    id: 'clients',
    dropPriority: 5,
    heading: 'CLIENTS',
    help: 'number of client addresses',
    align: 'right',
    width: 7,
    defaultDirection: 'descending',
    cell: (row) => formatCount(row.clients),
    sortKey: (row) => row.clients,
  },
  {
    id: 'backends',
    dropPriority: 6,
    heading: 'BACKENDS',
    help: 'addresses behind it',
    align: 'right',
    width: 8,
    defaultDirection: 'descending',
    cell: (row) => formatCount(row.backends),
    sortKey: (row) => row.backends,
  },
  TRAFFIC_COLUMNS.connections,
  TRAFFIC_COLUMNS.unanswered,
  TRAFFIC_COLUMNS.out,
  TRAFFIC_COLUMNS.in,
  TRAFFIC_COLUMNS.rate,
  TRAFFIC_COLUMNS.total,
];
