import { plain } from '../format/cells.ts';
import { protocolText } from '../format/connection.ts';
import { formatCount } from '../format/numbers.ts';
import { portName } from '../format/ports.ts';
import type { ServiceRow } from '../traffic/service-rows.ts';
import type { Column } from './column.ts';
import { TRAFFIC_COLUMNS } from './traffic-columns.ts';

export const SERVICE_COLUMNS: readonly Column<ServiceRow>[] = [
  {
    id: 'service',
    heading: 'SERVICE',
    help: 'the service; or the workload that is asked directly; else whether the port is asked for outside',
    align: 'left',
    width: 18,
    least: 14,
    grow: 1,
    first: 'ascending',
    text: (row) => plain(row.name),
    key: (row) => row.name,
  },
  {
    id: 'port',
    heading: 'PORT',
    help: 'the port that is asked for, and what it usually is for',
    align: 'left',
    width: 12,
    least: 9,
    first: 'ascending',
    text: ({ port }) => [port, portName(port)].filter((part) => part !== undefined).join(' '),
    key: (row) => row.port,
  },
  {
    id: 'proto',
    spare: 2,
    heading: 'PROTO',
    help: 'the protocol',
    align: 'left',
    width: 7,
    first: 'ascending',
    text: protocolText,
    key: protocolText,
  },
  {
    id: 'clients',
    spare: 5,
    heading: 'CLIENTS',
    help: 'addresses that ask',
    align: 'right',
    width: 7,
    first: 'descending',
    text: (row) => formatCount(row.clients),
    key: (row) => row.clients,
  },
  {
    id: 'backends',
    spare: 6,
    heading: 'BACKENDS',
    help: 'addresses behind it',
    align: 'right',
    width: 8,
    first: 'descending',
    text: (row) => formatCount(row.backends),
    key: (row) => row.backends,
  },
  TRAFFIC_COLUMNS.connections,
  TRAFFIC_COLUMNS.unanswered,
  TRAFFIC_COLUMNS.out,
  TRAFFIC_COLUMNS.in,
  TRAFFIC_COLUMNS.rate,
  TRAFFIC_COLUMNS.total,
];
