import { end, endText, icmpText, partyAddressKey, partyName, protocolText, stateText } from '../format/connection.ts';
import { formatBytes, formatLeastAge, formatRate } from '../format/numbers.ts';
import { portName } from '../format/ports.ts';
import { type Connection, type Party, sumOfKnown } from '../model/connection.ts';
import type { CellContext, Column } from './column.ts';
import { CONNECTION_WIDE_COLUMNS } from './connection-wide-columns.ts';

type ConnectionColumn = Column<Connection>;

/** The columns of connections, in order: of the console's main table and of `kflow flows`. */
export const CONNECTION_COLUMNS: readonly ConnectionColumn[] = [
  {
    id: 'source',
    heading: 'SOURCE',
    help: 'who asked: pod, service, node or outside; `n` shows addresses',
    align: 'left',
    width: 22,
    least: 10,
    grow: 3,
    first: 'ascending',
    text: ({ source, sourcePort }, context) => partyText(source, sourcePort, context),
    key: ({ source }, context) => partyKey(source, context),
  },
  {
    id: 'destination',
    heading: 'DESTINATION',
    help: 'who answers; the service itself where no backend is known',
    align: 'left',
    width: 22,
    least: 10,
    grow: 3,
    first: 'ascending',
    text: ({ destination, destinationPort }, context) => partyText(destination, destinationPort, context),
    key: ({ destination }, context) => partyKey(destination, context),
  },
  {
    id: 'via',
    spare: 3,
    heading: 'VIA',
    help: 'the service that was asked for, and "snat" where the destination sees another client address',
    align: 'left',
    width: 16,
    least: 10,
    grow: 2,
    first: 'ascending',
    text: viaText,
    key: (connection, context) => viaText(connection, context) || undefined,
  },
  {
    id: 'proto',
    spare: 4,
    heading: 'PROTO',
    help: 'protocol',
    align: 'left',
    width: 7,
    first: 'ascending',
    text: protocolText,
    key: protocolText,
  },
  {
    id: 'port',
    spare: 2,
    heading: 'PORT',
    help: "the destination's port and what it usually is for; for ICMP the type",
    align: 'left',
    width: 12,
    least: 9,
    first: 'ascending',
    text: portText,
    key: ({ destinationPort, icmp }) => destinationPort ?? icmp?.type,
  },
  {
    id: 'state',
    spare: 1,
    heading: 'STATE',
    help: 'state; for protocols without one, whether it is answered (REPLIED, UNREPLIED) and kept (ASSURED)',
    align: 'left',
    width: 11,
    first: 'ascending',
    text: stateText,
    key: stateText,
  },
  {
    id: 'out',
    spare: 1.5,
    heading: 'RATE OUT',
    help: 'bytes per second from source to destination, over the last poll (conntrack accounting)',
    align: 'right',
    width: 9,
    first: 'descending',
    text: ({ sentRate }) => formatRate(sentRate),
    key: ({ sentRate }) => sentRate,
  },
  {
    id: 'in',
    spare: 1.5,
    heading: 'RATE IN',
    help: 'bytes per second from destination to source, over the last poll (conntrack accounting)',
    align: 'right',
    width: 9,
    first: 'descending',
    text: ({ receivedRate }) => formatRate(receivedRate),
    key: ({ receivedRate }) => receivedRate,
  },
  {
    id: 'total',
    spare: 6,
    heading: 'TOTAL',
    help: 'bytes in both directions since the connection began (conntrack accounting)',
    align: 'right',
    width: 7,
    first: 'descending',
    text: (connection) => formatBytes(totalBytes(connection)),
    key: totalBytes,
  },
  {
    id: 'age',
    spare: 7,
    heading: 'AGE',
    help: 'since it began; ≥: it was there before kflow looked',
    align: 'right',
    width: 7,
    first: 'descending',
    text: (connection, context) => formatLeastAge(ageSeconds(connection, context), connection.startedAt !== undefined),
    key: ageSeconds,
  },
  {
    id: 'nodes',
    spare: 5,
    heading: 'NODES',
    help: 'the nodes whose agents saw it, in the order of the way',
    align: 'left',
    width: 11,
    least: 8,
    grow: 1,
    first: 'ascending',
    text: nodesText,
    key: (connection) => nodesText(connection) || undefined,
  },
  ...CONNECTION_WIDE_COLUMNS,
];

function partyText(party: Party, port: number | undefined, { names }: CellContext): string {
  return names ? partyName(party) : endText(end(party.address, port));
}

function partyKey(party: Party, { names }: CellContext): string {
  return names && party.name !== undefined ? partyName(party) : partyAddressKey(party);
}

function viaText({ service, masquerade }: Connection, { names }: CellContext): string {
  const asked =
    service === undefined
      ? ''
      : names && service.name !== undefined
        ? [service.namespace, service.name].join('/')
        : endText(service);
  if (masquerade === undefined) return asked;
  // With a service, what matters is that there is source NAT; alone, to what.
  return asked === '' ? `snat ${endText(masquerade)}` : `${asked} +snat`;
}

function portText(connection: Connection): string {
  const { destinationPort } = connection;
  const icmp = icmpText(connection);
  if (icmp !== undefined) return icmp;
  if (destinationPort === undefined) return '';
  const name = portName(destinationPort);
  return name === undefined ? `${destinationPort}` : `${destinationPort} ${name}`;
}

function nodesText({ hops }: Connection): string {
  const nodes = new Set(hops.map((hop) => hop.node));
  return [...nodes].join(',');
}

function totalBytes({ sentBytes, receivedBytes }: Connection): number | undefined {
  return sumOfKnown(sentBytes, receivedBytes);
}

function ageSeconds({ firstSeenAt }: Connection, { now }: CellContext): number {
  return Math.max(0, (now - firstSeenAt) / 1000);
}
