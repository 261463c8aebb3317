import { stateName } from '../../../flow/state.ts';
import type { AddressPort, Connection, Hop, Party } from '../../model.ts';
import { formatAge, formatBytes, formatCount, formatRate } from '../../table/format.ts';
import { protocolText } from '../../table/protocol-text.ts';
import { isUnanswered } from '../data/traffic.ts';
import { type Line, lineWidth, type Span, span } from '../text/line.ts';
import { fit, plain } from '../text/plain.ts';

/** One connection: its way through NAT hop by hop, its rates over time, and what each node saw of it. */
export function connectionDetails(connection: Connection, rates: readonly Line[], now: number, width: number): Line[] {
  return [
    ...wayLines(connection, width),
    stateLine(connection, now),
    trafficLine(connection),
    ...rates,
    ...hopLines(connection.hops),
    ...[connection.source, connection.destination].flatMap(workloadLine),
  ];
}

/** client → service → masquerade → backend: in one line, or else a line each. */
function wayLines(connection: Connection, width: number): Line[] {
  const { source, sourcePort, destination, destinationPort, service, masquerade, icmp } = connection;
  const stops: Line[] = [[span(endText(source.address, sourcePort), 'strong'), ...who(source)]];
  if (service) {
    const name = [service.namespace, service.name].filter((part) => part !== undefined).join('/');
    stops.push([span(addressText(service)), span(name === '' ? ' DNAT' : ` service ${plain(name)}`, 'dim')]);
  }
  if (masquerade) stops.push([span(addressText(masquerade)), span(' SNAT', 'dim')]);
  const kind = icmp ? ` type ${icmp.type} code ${icmp.code} id ${icmp.id}` : '';
  stops.push([span(endText(destination.address, destinationPort), 'strong'), ...who(destination), span(kind, 'dim')]);
  const oneLine = stops.flatMap((stop, i) => [
    span(i === 0 ? 'path     ' : ' → ', i === 0 ? 'heading' : 'dim'),
    ...stop,
  ]);
  if (lineWidth(oneLine) <= width) return [oneLine];
  return stops.map((stop, i) => [span(i === 0 ? 'path     ' : '       → ', i === 0 ? 'heading' : 'dim'), ...stop]);
}

/** Who has the address, where that is known. */
function who({ kind, namespace, name, node }: Party): Span[] {
  if (name === undefined) return kind === 'external' ? [span(' outside', 'dim')] : [];
  const full = namespace === undefined ? name : `${namespace}/${name}`;
  return [span(` ${plain(full)}${node === undefined ? '' : ` on ${plain(node)}`}`, 'dim')];
}

function stateLine(connection: Connection, now: number): Line {
  const { state, replied, assured, offloaded, expiresAt, mark, zone, stale } = connection;
  const words = [
    assured ? 'assured' : '',
    offloaded ? 'offloaded' : '',
    `for ${formatAge((now - connection.firstSeenAt) / 1000)}`,
    expiresAt === undefined || stale ? '' : `forgotten in ${formatAge(Math.max(0, expiresAt - now / 1000))}`,
    mark === 0 ? '' : `mark ${mark}`,
    zone === 0 ? '' : `zone ${zone}`,
  ].filter((word) => word !== '');
  const name = stateName(state);
  const told = [name, replied ? '' : isUnanswered(connection) ? '✗ no answer' : 'one way'].filter(
    (word) => word !== '',
  );
  return [
    span('state    ', 'heading'),
    span(protocolText(connection), 'strong'),
    span(
      told.length === 0 ? '' : ` ${told.join(' ')}`,
      isUnanswered(connection) ? 'bad' : replied ? 'good' : undefined,
    ),
    span(`   ${words.join('   ')}`, 'dim'),
    span(stale ? '   stale: its agents are lost, these numbers are old' : '', 'warn'),
  ];
}

function trafficLine(connection: Connection): Line {
  const { sentRate, receivedRate, sentBytes, receivedBytes, sentPackets, receivedPackets } = connection;
  const amount = (bytes: number | undefined, packets: number | undefined) =>
    `   ${formatBytes(bytes)} in ${formatCount(packets)} ${packets === 1 ? 'packet' : 'packets'}`;
  return [
    span('out      ', 'heading'),
    span(formatRate(sentRate)),
    span(amount(sentBytes, sentPackets), 'dim'),
    span('      in ', 'heading'),
    span(formatRate(receivedRate)),
    span(amount(receivedBytes, receivedPackets), 'dim'),
  ];
}

/** What each agent saw, in columns, on the packets' way. */
function hopLines(hops: readonly Hop[]): Line[] {
  const cells = hops.map((hop) => [
    plain(hop.node),
    way(hop.original),
    way(hop.reply),
    formatBytes(hop.sentBytes),
    formatBytes(hop.receivedBytes),
    stateName(hop.state),
  ]);
  const widths = [0, 1, 2, 3, 4, 5].map((column) => Math.max(...cells.map((row) => row[column]?.length ?? 0), 0));
  return cells.map((row) => {
    const cell = (column: number, align: 'left' | 'right' = 'left') =>
      fit(row[column] ?? '', widths[column] ?? 0, align);
    return [
      span(`${fit(row[0] ?? '', Math.max(8, widths[0] ?? 0))} `, 'heading'),
      span(cell(1)),
      span('   reply ', 'dim'),
      span(cell(2)),
      span('   out ', 'dim'),
      span(cell(3, 'right')),
      span('  in ', 'dim'),
      span(cell(4, 'right')),
      span(`   ${cell(5)}`, 'dim'),
    ];
  });
}

function way({ source, destination }: { source: AddressPort; destination: AddressPort }): string {
  return `${addressText(source)} → ${addressText(destination)}`;
}

function endText(address: string, port: number | undefined): string {
  return addressText(port === undefined ? { address } : { address, port });
}

function addressText({ address, port }: AddressPort): string {
  if (port === undefined) return address;
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
}

function workloadLine({ workload, name, kind }: Party): Line[] {
  if (workload === undefined || name === undefined) return [];
  return [
    [
      span('         '),
      span(`${kind ?? ''} ${plain(name)} belongs to ${plain(workload.kind)} ${plain(workload.name)}`, 'dim'),
    ],
  ];
}
