import type { Connection } from '../model.ts';
import type { CellContext, Column } from './column.ts';
import { formatAge, formatRate, formatShortCount, UNKNOWN } from './format.ts';
import { addressKey, end, endText, partyAddressKey } from './party-text.ts';
import { sumOfKnown } from './sum.ts';

/** What `w` and `-o wide` add. */
export const CONNECTION_WIDE_COLUMNS: readonly Column<Connection>[] = [
  {
    id: 'rate',
    heading: 'RATE',
    help: 'bytes per second in both directions',
    align: 'right',
    width: 9,
    wide: true,
    parts: ['out', 'in'],
    first: 'descending',
    text: (connection) => formatRate(totalRate(connection)),
    key: totalRate,
  },
  {
    id: 'source-address',
    heading: 'SOURCE ADDRESS',
    help: "the source's address and port",
    align: 'left',
    width: 21,
    wide: true,
    first: 'ascending',
    text: ({ source, sourcePort }) => endText(end(source.address, sourcePort)),
    key: ({ source }) => partyAddressKey(source),
  },
  {
    id: 'destination-address',
    heading: 'DESTINATION ADDRESS',
    help: "the destination's address and port, after NAT",
    align: 'left',
    width: 21,
    wide: true,
    first: 'ascending',
    text: ({ destination, destinationPort }) => endText(end(destination.address, destinationPort)),
    key: ({ destination }) => partyAddressKey(destination),
  },
  {
    id: 'service-address',
    heading: 'SERVICE ADDRESS',
    help: 'the address and port that were asked for, where destination NAT changed them',
    align: 'left',
    width: 21,
    wide: true,
    first: 'ascending',
    text: ({ service }) => (service === undefined ? '' : endText(service)),
    key: ({ service }) => (service === undefined ? undefined : addressKey(service.address)),
  },
  {
    id: 'masquerade',
    heading: 'MASQUERADE',
    help: 'the client that the destination sees, where source NAT changed it',
    align: 'left',
    width: 21,
    wide: true,
    first: 'ascending',
    text: ({ masquerade }) => (masquerade === undefined ? '' : endText(masquerade)),
    key: ({ masquerade }) => (masquerade === undefined ? undefined : addressKey(masquerade.address)),
  },
  {
    id: 'packets-out',
    heading: 'PKTS OUT',
    help: 'packets from source to destination (conntrack accounting)',
    align: 'right',
    width: 8,
    wide: true,
    first: 'descending',
    text: ({ sentPackets }) => formatShortCount(sentPackets),
    key: ({ sentPackets }) => sentPackets,
  },
  {
    id: 'packets-in',
    heading: 'PKTS IN',
    help: 'packets from destination to source (conntrack accounting)',
    align: 'right',
    width: 7,
    wide: true,
    first: 'descending',
    text: ({ receivedPackets }) => formatShortCount(receivedPackets),
    key: ({ receivedPackets }) => receivedPackets,
  },
  {
    id: 'timeout',
    heading: 'TIMEOUT',
    help: 'until the kernel forgets it, if no packet comes',
    align: 'right',
    width: 7,
    wide: true,
    first: 'ascending',
    text: (connection, context) => formatAge(timeoutSeconds(connection, context)),
    key: ({ expiresAt }) => expiresAt,
  },
  {
    id: 'assured',
    heading: 'ASSURED',
    help: 'whether the kernel keeps it when its table is full',
    align: 'left',
    width: 7,
    wide: true,
    first: 'ascending',
    text: ({ assured }) => (assured === undefined ? UNKNOWN : assured ? 'yes' : 'no'),
    key: ({ assured }) => (assured === undefined ? undefined : Number(assured)),
  },
  {
    id: 'mark',
    heading: 'MARK',
    help: 'connection mark',
    align: 'right',
    width: 10,
    wide: true,
    first: 'descending',
    text: ({ mark }) => (mark === 0 ? '0' : `0x${mark.toString(16)}`),
    key: ({ mark }) => mark,
  },
  {
    id: 'zone',
    heading: 'ZONE',
    help: 'conntrack zone',
    align: 'right',
    width: 5,
    wide: true,
    first: 'ascending',
    text: ({ zone }) => zone.toString(),
    key: ({ zone }) => zone,
  },
];

function totalRate({ sentRate, receivedRate }: Connection): number | undefined {
  return sumOfKnown(sentRate, receivedRate);
}

function timeoutSeconds({ expiresAt }: Connection, { now }: CellContext): number | undefined {
  return expiresAt === undefined ? undefined : Math.max(0, expiresAt - now / 1000);
}
