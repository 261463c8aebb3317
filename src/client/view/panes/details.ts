import { protocolName } from '../../../flow/protocol.ts';
import { stateName } from '../../../flow/state.ts';
import type { AddressPort, Connection, Party } from '../../model.ts';
import { formatAge, formatBytes, formatCount, formatRate, UNKNOWN } from '../../table/format.ts';
import { averages, type History, sparkline } from '../data/history.ts';
import { type Line, span } from '../text/line.ts';
import { plain } from '../text/plain.ts';

/** One connection: its way through NAT hop by hop, what each node counted, and its rate over time. */
export function connectionDetails(connection: Connection, history: History, now: number, width: number): Line[] {
  const { source, destination } = connection;
  return [
    [
      span(protocolName(connection.protocol), 'title'),
      span(` ${stateText(connection)}`, connection.replied ? 'good' : 'bad'),
      span(connection.assured ? ' assured' : '', 'dim'),
      span(connection.offloaded ? ' offloaded' : '', 'dim'),
      span(`  seen for ${formatAge((now - connection.firstSeenAt) / 1000)}`, 'dim'),
      span(
        connection.expiresAt === undefined
          ? ''
          : `  forgotten in ${formatAge(Math.max(0, connection.expiresAt - Math.floor(now / 1000)))}`,
        'dim',
      ),
      span(connection.mark === 0 ? '' : `  mark ${connection.mark}`, 'dim'),
      span(connection.zone === 0 ? '' : `  zone ${connection.zone}`, 'dim'),
    ],
    wayOf(connection),
    ...ratesOf(connection, history, width),
    ...connection.hops.map(
      (hop): Line => [
        span(`${plain(hop.node)} `, 'heading'),
        span(`${ends(hop.original)}  reply ${ends(hop.reply)}`),
        span(`  ${formatBytes(hop.sentBytes)} out ${formatBytes(hop.receivedBytes)} in`, 'dim'),
        span(hop.state === 0 ? '' : `  ${stateName(hop.state)}`, 'dim'),
      ],
    ),
    ...[source, destination].flatMap((party) => partyLine(party)),
  ];
}

function stateText({ state, replied }: Connection): string {
  const name = stateName(state);
  return name === '' ? (replied ? 'answered' : 'no answer') : replied ? name : `${name}, no answer`;
}

/** client → service → (masquerade) → backend */
function wayOf({ source, sourcePort, destination, destinationPort, service, masquerade, icmp }: Connection): Line {
  const line = [
    span(
      `${addressText({ address: source.address, ...(sourcePort === undefined ? {} : { port: sourcePort }) })}`,
      'strong',
    ),
  ];
  const hop = (text: string, note: string) => line.push(span(' → ', 'dim'), span(text), span(` ${note}`, 'dim'));
  if (service) hop(addressText(service), service.name === undefined ? '(DNAT)' : `(service ${plain(service.name)})`);
  if (masquerade) hop(addressText(masquerade), '(SNAT)');
  const end = { address: destination.address, ...(destinationPort === undefined ? {} : { port: destinationPort }) };
  line.push(span(' → ', 'dim'), span(addressText(end), 'strong'));
  if (icmp) line.push(span(` type ${icmp.type} code ${icmp.code} id ${icmp.id}`, 'dim'));
  return line;
}

function ratesOf(connection: Connection, history: History, width: number): Line[] {
  const { sentRate, receivedRate, sentBytes, receivedBytes, sentPackets, receivedPackets } = connection;
  const rates = history.ratesOf(connection.id);
  const means = averages(rates).map((rate, i) => `${[2, 10, 40][i]} s ${formatRate(rate)}`);
  return [
    [
      span('out ', 'heading'),
      span(`${formatRate(sentRate)}, ${formatBytes(sentBytes)} in ${packets(sentPackets)}`),
      span('   in ', 'heading'),
      span(`${formatRate(receivedRate)}, ${formatBytes(receivedBytes)} in ${packets(receivedPackets)}`),
    ],
    ...(rates.length === 0
      ? []
      : [
          [
            span('rate ', 'heading'),
            span(sparkline(rates, Math.max(10, Math.min(60, width - 56))), 'heat3'),
            span(`  ${means.join(' · ')}`, 'dim'),
          ],
        ]),
  ];
}

function packets(count: number | undefined): string {
  return count === undefined ? `${UNKNOWN} packets` : `${formatCount(count)} packets`;
}

function ends({ source, destination }: { source: AddressPort; destination: AddressPort }): string {
  return `${addressText(source)} → ${addressText(destination)}`;
}

function addressText({ address, port }: AddressPort): string {
  if (port === undefined) return address;
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
}

function partyLine(party: Party): Line[] {
  if (party.name === undefined) return [];
  const parts = [party.kind, party.namespace, party.name].filter((part) => part !== undefined);
  const workload = party.workload === undefined ? '' : `, of ${party.workload.kind} ${party.workload.name}`;
  const node = party.node === undefined ? '' : `, on ${party.node}`;
  return [[span(`${party.address} `, 'heading'), span(plain(`${parts.join(' ')}${workload}${node}`))]];
}
