import { pad, toCells } from '../../format/cells.ts';
import { formatEndpoint, formatProtocol } from '../../format/connection.ts';
import { formatRate } from '../../format/numbers.ts';
import { type Connection, isUnanswered } from '../../model/connection.ts';
import { sumRates } from '../../traffic/traffic.ts';
import { type Line, span } from '../text/line.ts';

const HEADING = 9;
/** The minimum width of an endpoint that is still readable. */
const MIN_END_WIDTH = 8;

/** Some connections, one per line: source, destination and rate. `heading`: at most 8 characters. */
export function connectionLines(heading: string, connections: readonly Connection[], width: number): Line[] {
  const rows = connections.map((connection) => ({
    ...endsOf(connection),
    protocol: formatProtocol(connection),
    rate: formatRate(sumRates(connection)),
    unanswered: isUnanswered(connection),
  }));
  const widest = (of: (row: (typeof rows)[number]) => string) => Math.max(0, ...rows.map((row) => of(row).length));
  const [protocol, rate] = [widest((row) => row.protocol), widest((row) => row.rate)];
  const tail = 3 + protocol + 1 + rate + (rows.some(({ unanswered }) => unanswered) ? 4 : 0);
  const [source, destination] = sharedBy(
    widest((row) => row.source),
    widest((row) => row.destination),
    width - HEADING - tail - 3,
  );
  return rows.map((row, i) => [
    span((i === 0 ? heading : '').padEnd(HEADING), 'heading'),
    span(`${pad(row.source, source)} → ${pad(row.destination, destination)}`, 'dim'),
    span(
      `   ${pad(row.protocol, protocol)} ${row.rate.padStart(rate)}${row.unanswered ? '   ✗' : ''}`,
      row.unanswered ? 'bad' : 'dim',
    ),
  ]);
}

function endsOf({ source, destination, destinationPort }: Connection): { source: string; destination: string } {
  const port = destinationPort === undefined ? '' : `:${destinationPort}`;
  return { source: toCells(formatEndpoint(source)), destination: `${toCells(formatEndpoint(destination))}${port}` };
}

/** The widths of two columns: as needed, and if both do not fit, the shortage is split. */
function sharedBy(one: number, other: number, room: number): readonly [number, number] {
  if (one + other <= room) return [one, other];
  const half = Math.max(MIN_END_WIDTH, Math.floor(room / 2));
  if (one <= half) return [one, Math.max(MIN_END_WIDTH, room - one)];
  if (other <= half) return [Math.max(MIN_END_WIDTH, room - other), other];
  return [half, Math.max(MIN_END_WIDTH, room - half)];
}
