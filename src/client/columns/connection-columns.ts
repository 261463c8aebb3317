import {
  addressPort,
  endpointAddressKey,
  formatAddressPort,
  formatEndpoint,
  formatIcmp,
  formatProtocol,
  formatState,
} from '../format/connection.ts';
import { formatBytes, formatMinAge, formatRate } from '../format/numbers.ts';
import { portName } from '../format/ports.ts';
import { type Connection, type Endpoint, observedFor, sumKnown } from '../model/connection.ts';
import type { CellContext, Column } from './column.ts';
import { CONNECTION_WIDE_COLUMNS } from './connection-wide-columns.ts';

type ConnectionColumn = Column<Connection>;

/** The columns of connections, in order: of the console's main table and of `kflow flows`. */
export const CONNECTION_COLUMNS: readonly ConnectionColumn[] = [
  {
    id: 'source',
    heading: 'SOURCE',
    help: 'client: pod, service, node or outside; `n` shows addresses',
    align: 'left',
    width: 22,
    minWidth: 10,
    grow: 3,
    defaultDirection: 'ascending',
    cell: ({ source, sourcePort }, context) => formatEndpointCell(source, sourcePort, context),
    sortKey: ({ source }, context) => endpointSortKey(source, context),
  },
  {
    id: 'destination',
    heading: 'DESTINATION',
    help: 'server after NAT; the Service if the backend is unknown',
    align: 'left',
    width: 22,
    minWidth: 10,
    grow: 3,
    defaultDirection: 'ascending',
    cell: ({ destination, destinationPort }, context) => formatEndpointCell(destination, destinationPort, context),
    sortKey: ({ destination }, context) => endpointSortKey(destination, context),
  },
  {
    id: 'via',
    dropPriority: 3,
    heading: 'VIA',
    help: 'the requested service, and "snat" if the destination sees a translated client address',
    align: 'left',
    width: 16,
    minWidth: 10,
    grow: 2,
    defaultDirection: 'ascending',
    cell: formatVia,
    sortKey: (connection, context) => formatVia(connection, context) || undefined,
  },
  {
    id: 'proto',
    dropPriority: 4,
    heading: 'PROTO',
    help: 'protocol',
    align: 'left',
    width: 7,
    defaultDirection: 'ascending',
    cell: formatProtocol,
    sortKey: formatProtocol,
  },
  {
    id: 'port',
    dropPriority: 2,
    heading: 'PORT',
    help: "the destination's port and what it usually is for; for ICMP the type",
    align: 'left',
    width: 12,
    minWidth: 9,
    defaultDirection: 'ascending',
    cell: formatPort,
    sortKey: ({ destinationPort, icmp }) => destinationPort ?? icmp?.type,
  },
  {
    id: 'state',
    dropPriority: 1,
    heading: 'STATE',
    help: 'state; for protocols without one, whether it is answered (REPLIED, UNREPLIED) and kept (ASSURED)',
    align: 'left',
    width: 11,
    defaultDirection: 'ascending',
    cell: formatState,
    sortKey: formatState,
  },
  {
    id: 'out',
    dropPriority: 1.5,
    heading: 'RATE OUT',
    help: 'bytes per second from source to destination, over the last poll (conntrack accounting)',
    align: 'right',
    width: 9,
    defaultDirection: 'descending',
    cell: ({ sentRate }) => formatRate(sentRate),
    sortKey: ({ sentRate }) => sentRate,
  },
  {
    id: 'in',
    dropPriority: 1.5,
    heading: 'RATE IN',
    help: 'bytes per second from destination to source, over the last poll (conntrack accounting)',
    align: 'right',
    width: 9,
    defaultDirection: 'descending',
    cell: ({ receivedRate }) => formatRate(receivedRate),
    sortKey: ({ receivedRate }) => receivedRate,
  },
  {
    id: 'total',
    dropPriority: 6,
    heading: 'TOTAL',
    help: 'bytes in both directions since the connection began (conntrack accounting)',
    align: 'right',
    width: 7,
    defaultDirection: 'descending',
    cell: (connection) => formatBytes(totalBytes(connection)),
    sortKey: totalBytes,
  },
  {
    id: 'age',
    dropPriority: 7,
    heading: 'AGE',
    help: 'age of the connection; ≥: it existed before kflow first saw it',
    align: 'right',
    width: 7,
    defaultDirection: 'descending',
    cell: (connection, context) => formatMinAge(ageSeconds(connection, context), connection.startedAt !== undefined),
    sortKey: ageSeconds,
  },
  {
    id: 'nodes',
    dropPriority: 5,
    heading: 'NODES',
    help: 'the nodes whose agents saw it, in packet order',
    align: 'left',
    width: 11,
    minWidth: 8,
    grow: 1,
    defaultDirection: 'ascending',
    cell: formatNodes,
    sortKey: (connection) => formatNodes(connection) || undefined,
  },
  ...CONNECTION_WIDE_COLUMNS,
];

function formatEndpointCell(endpoint: Endpoint, port: number | undefined, { names }: CellContext): string {
  return names ? formatEndpoint(endpoint) : formatAddressPort(addressPort(endpoint.address, port));
}

function endpointSortKey(endpoint: Endpoint, { names }: CellContext): string {
  return names && endpoint.name !== undefined ? formatEndpoint(endpoint) : endpointAddressKey(endpoint);
}

function formatVia({ service, snat }: Connection, { names }: CellContext): string {
  const asked =
    service === undefined
      ? ''
      : names && service.name !== undefined
        ? [service.namespace, service.name].join('/')
        : formatAddressPort(service);
  if (snat === undefined) return asked;
  // With a Service only the fact of source NAT matters; without one, its address.
  return asked === '' ? `snat ${formatAddressPort(snat)}` : `${asked} +snat`;
}

function formatPort(connection: Connection): string {
  const { destinationPort } = connection;
  const icmp = formatIcmp(connection);
  if (icmp !== undefined) return icmp;
  if (destinationPort === undefined) return '';
  const name = portName(destinationPort);
  return name === undefined ? `${destinationPort}` : `${destinationPort} ${name}`;
}

function formatNodes({ hops }: Connection): string {
  const nodes = new Set(hops.map((hop) => hop.node));
  return [...nodes].join(',');
}

function totalBytes({ sentBytes, receivedBytes }: Connection): number | undefined {
  return sumKnown(sentBytes, receivedBytes);
}

function ageSeconds(connection: Connection, { now }: CellContext): number | undefined {
  return observedFor(connection, now);
}
