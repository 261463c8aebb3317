import { fit, plain } from '../../format/cells.ts';
import { partyName, protocolText } from '../../format/connection.ts';
import { formatRate } from '../../format/numbers.ts';
import { type Connection, isUnanswered } from '../../model/connection.ts';
import { rateOf } from '../../traffic/traffic.ts';
import { type Line, span } from '../text/line.ts';

const HEADING = 9;
/** An end of a connection that has less room than this tells nothing. */
const LEAST_END = 8;

/** Some connections, below each other: who, to whom, how much. `heading`: at most 8 characters. */
export function connectionLines(heading: string, connections: readonly Connection[], width: number): Line[] {
  const rows = connections.map((connection) => ({
    ...endsOf(connection),
    protocol: protocolText(connection),
    rate: formatRate(rateOf(connection)),
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
    span(`${fit(row.source, source)} → ${fit(row.destination, destination)}`, 'dim'),
    span(
      `   ${fit(row.protocol, protocol)} ${row.rate.padStart(rate)}${row.unanswered ? '   ✗' : ''}`,
      row.unanswered ? 'bad' : 'dim',
    ),
  ]);
}

function endsOf({ source, destination, destinationPort }: Connection): { source: string; destination: string } {
  const port = destinationPort === undefined ? '' : `:${destinationPort}`;
  return { source: plain(partyName(source)), destination: `${plain(partyName(destination))}${port}` };
}

/** Room for two: as much as each needs, and what both lack is split. */
function sharedBy(one: number, other: number, room: number): readonly [number, number] {
  if (one + other <= room) return [one, other];
  const half = Math.max(LEAST_END, Math.floor(room / 2));
  if (one <= half) return [one, Math.max(LEAST_END, room - one)];
  if (other <= half) return [Math.max(LEAST_END, room - other), other];
  return [half, Math.max(LEAST_END, room - half)];
}
