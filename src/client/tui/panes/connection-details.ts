import { stateName } from '../../../flow/state.ts';
import { pad, toCells } from '../../format/cells.ts';
import { formatEndpoint, formatProtocol, isUnknownClient } from '../../format/connection.ts';
import { formatAge, formatBytes, formatCount, formatMinAge, formatRate } from '../../format/numbers.ts';
import type { AgentState } from '../../model/agent.ts';
import {
  type AddressPort,
  type Connection,
  type Endpoint,
  type Hop,
  isUnanswered,
  observedFor,
} from '../../model/connection.ts';

import { listZones } from '../../model/zones.ts';
import { isRequest } from '../../problems/unanswered-rule.ts';
import { joinWrapped, type Line, lineWidth, type Span, span, wrap } from '../text/line.ts';

/** One connection: its path through NAT, its rates over time, and its hops. */
export function renderConnectionDetails(
  connection: Connection,
  agents: readonly AgentState[],
  rates: readonly Line[],
  now: number,
  width: number,
): Line[] {
  return [
    ...pathLines(connection, width),
    ...stateAndTraffic(stateLine(connection, agents, now), connection, width),
    ...incompleteLine(connection),
    ...disputedLines(connection, width),
    ...candidateLines(connection, width),
    ...rates,
    ...hopLines(connection.hops, width),
    ...workloadLines(connection, width),
  ];
}

/** client → service → source NAT → backend: as many per line as fit. */
function pathLines(connection: Connection, width: number): Line[] {
  const { source, sourcePort, destination, destinationPort, service, snat, icmp } = connection;
  const stops: Line[] = [[span(formatEnd(source.address, sourcePort), 'strong'), ...who(source)]];
  if (service) {
    const name = [service.namespace, service.name].filter((part) => part !== undefined).join('/');
    stops.push([span(addressText(service)), span(name === '' ? ' DNAT' : ` service ${toCells(name)}`, 'dim')]);
  }
  if (snat) stops.push([span(addressText(snat)), span(' SNAT', 'dim')]);
  const kind = icmp ? ` type ${icmp.type} code ${icmp.code} id ${icmp.id}` : '';
  stops.push([span(formatEnd(destination.address, destinationPort), 'strong'), ...who(destination), span(kind, 'dim')]);
  return joinWrapped(stops, [span(' → ', 'dim')], width - 9).map((line, i) => [
    span(i === 0 ? 'path     ' : '       → ', i === 0 ? 'heading' : 'dim'),
    ...line,
  ]);
}

/** Which hops are missing, and the consequence. */
function incompleteLine({ incomplete, source }: Connection): Line[] {
  if (incomplete === undefined) return [];
  const doubt = isUnknownClient(source) ? ': the client may be any that is behind this node' : '';
  return [[span('missing  ', 'heading'), span(`${toCells(incomplete)}${doubt}`, 'warn')]];
}

/** The contradicting statements. */
function disputedLines({ disputed }: Connection, width: number): Line[] {
  if (disputed === undefined) return [];
  return wrap(toCells(disputed), Math.max(20, width - 9)).map((text, i) => [
    span(i === 0 ? 'disputed ' : '         ', 'heading'),
    span(text, 'bad'),
  ]);
}

/** Possible owners of an address: "10.1.1.2: pod shop/job-1 (ended) or pod shop/web". */
function candidateLines({ source, destination }: Connection, width: number): Line[] {
  const uncertain = source === destination ? [source] : [source, destination];
  const words = uncertain.flatMap(({ address, candidates }) => {
    if (candidates === undefined) return [];
    const names = candidates.map(
      (one) => `${one.kind ?? ''} ${toCells(formatEndpoint(one))}${one.ended ? ' (ended)' : ''}`,
    );
    return [[span(`${toCells(address)}: ${names.join(' or ')}`), span(', for it is not known when this began', 'dim')]];
  });
  return joinWrapped(words, [span('   ')], width - 9).map((line, i) => [
    span(i === 0 ? 'either   ' : '         ', 'heading'),
    ...line,
  ]);
}

/** The owner of an address, if it is known. */
function who(endpoint: Endpoint): Span[] {
  const { kind, namespace, name, node, ended } = endpoint;
  if (isUnknownClient(endpoint)) return [span(` ${toCells(formatEndpoint(endpoint))}`, 'dim')];
  if (name === undefined) return kind === 'external' ? [span(' outside', 'dim')] : [];
  const full = namespace === undefined ? name : `${namespace}/${name}`;
  const end = ended ? ' (ended)' : '';
  return [span(` ${toCells(full)}${node === undefined ? '' : ` on ${toCells(node)}`}${end}`, 'dim')];
}

/** Where the traffic begins beside the state: the same for most states, so that it stays in its place. */
const BESIDE_STATE = 70;

function stateAndTraffic(state: Line, connection: Connection, width: number): Line[] {
  const traffic = trafficSpans(connection);
  const room = BESIDE_STATE - lineWidth(state);
  if (room >= 3 && BESIDE_STATE + 4 + lineWidth(traffic) <= width)
    return [[...state, span(' '.repeat(room)), span('out ', 'heading'), ...traffic]];
  const heading = span('out      ', 'heading');
  const line = [heading, ...traffic];
  return [state, lineWidth(line) <= width ? line : [heading, ...trafficSpans(connection, false)]];
}

function stateLine(connection: Connection, agents: readonly AgentState[], now: number): Line {
  const { state, replied, assured, offloaded, expiresAt, mark, stale } = connection;
  const zones = listZones(connection);
  const seconds = observedFor(connection, now);
  const words = [
    assured ? 'assured' : '',
    offloaded ? 'offloaded' : '',
    seconds === undefined ? '' : `for ${formatMinAge(seconds, connection.startedAt !== undefined)}`,
    expiresAt === undefined || stale ? '' : `expires in ${formatAge(Math.max(0, expiresAt - now / 1000))}`,
    mark === 0 ? '' : `mark ${mark}`,
    zones.length > 1 ? `zones ${zones.join(', ')}` : zones[0] === 0 ? '' : `zone ${zones[0]}`,
  ].filter((word) => word !== '');
  const name = stateName(state);
  // If the client has given up, or gets replies to later requests, the request is no longer a fault, but it has no reply either.
  const silence = isUnanswered(connection) ? '✗ no answer' : isRequest(connection) ? 'no reply' : 'one way';
  const reported = [name, replied ? '' : silence].filter((word) => word !== '');
  return [
    span('state    ', 'heading'),
    span(formatProtocol(connection), 'strong'),
    span(
      reported.length === 0 ? '' : ` ${reported.join(' ')}`,
      isUnanswered(connection) ? 'bad' : replied ? 'good' : undefined,
    ),
    span(`   ${words.join('   ')}`, 'dim'),
    span(stale ? `   stale: ${whyStale(connection, agents)}` : '', 'warn'),
  ];
}

/** "node1 lost, node3 connecting; these numbers are old" */
function whyStale({ hops }: Connection, agents: readonly AgentState[]): string {
  const away = new Set(
    hops.map(({ agent, node }) => {
      const status = agents.find(({ key }) => key === agent)?.status.kind ?? 'gone';
      return `agent on ${toCells(node)} ${status === 'stale' ? 'does not poll' : status}`;
    }),
  );
  return `${[...away].join(', ')}; these numbers are old`;
}

function trafficSpans(connection: Connection, hasPackets = true): Line {
  const { sentRate, receivedRate, sentBytes, receivedBytes, sentPackets, receivedPackets } = connection;
  const amount = (bytes: number | undefined, packets: number | undefined) =>
    `   ${formatBytes(bytes)}${hasPackets ? ` in ${formatCount(packets)} ${packets === 1 ? 'packet' : 'packets'}` : ''}`;
  return [
    span(formatRate(sentRate)),
    span(amount(sentBytes, sentPackets), 'dim'),
    span('      in ', 'heading'),
    span(formatRate(receivedRate)),
    span(amount(receivedBytes, receivedPackets), 'dim'),
  ];
}

/** The hops in columns, in packet order. */
function hopLines(hops: readonly Hop[], width: number): Line[] {
  const cells = hops.map((hop) => [
    toCells(hop.node),
    way(hop.original),
    way(hop.reply),
    formatBytes(hop.sentBytes),
    formatBytes(hop.receivedBytes),
    stateName(hop.state),
  ]);
  const widths = [0, 1, 2, 3, 4, 5].map((column) => Math.max(...cells.map((row) => row[column]?.length ?? 0), 0));
  const [node = 0, original = 0, reply = 0, sent = 0, received = 0, state = 0] = widths;
  const least = Math.max(8, node) + 1 + original + 7 + sent + 5 + received;
  // If not all columns fit, counters matter more than the state, and the state more than the reply tuple.
  const hasState = state > 0 && least + 3 + state <= width;
  const hasReply = least + 3 + state + 9 + reply <= width;
  return cells.map((row) => {
    const cell = (column: number, align: 'left' | 'right' = 'left') =>
      pad(row[column] ?? '', widths[column] ?? 0, align);
    return [
      span(`${pad(row[0] ?? '', Math.max(8, widths[0] ?? 0))} `, 'heading'),
      span(cell(1)),
      ...(hasReply ? [span('   reply ', 'dim'), span(cell(2))] : []),
      span('   out ', 'dim'),
      span(cell(3, 'right')),
      span('  in ', 'dim'),
      span(cell(4, 'right')),
      ...(hasState ? [span(`   ${cell(5)}`, 'dim')] : []),
    ];
  });
}

function way({ source, destination }: { source: AddressPort; destination: AddressPort }): string {
  return `${addressText(source)} → ${addressText(destination)}`;
}

function formatEnd(address: string, port: number | undefined): string {
  return addressText(port === undefined ? { address } : { address, port });
}

function addressText({ address, port }: AddressPort): string {
  if (port === undefined) return address;
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
}

function workloadLines({ source, destination }: Connection, width: number): Line[] {
  const owned = [source, destination].flatMap(({ workload, name, kind }) =>
    workload === undefined || name === undefined
      ? []
      : [
          [
            span(
              `${kind ?? ''} ${toCells(name)} belongs to ${toCells(workload.kind)} ${toCells(workload.name)}`,
              'dim',
            ),
          ],
        ],
  );
  return joinWrapped(owned, [span('   ')], width - 9).map((line, i) => [
    span(i === 0 ? 'workload ' : '         ', 'heading'),
    ...line,
  ]);
}
