import { lastValueFrom, type Observable, skipWhile, takeUntil, tap, throttle } from 'rxjs';
import { printableJson } from '../format/sanitize.ts';
import type { Connection, Snapshot } from '../model.ts';
import { csvHeading, csvLine } from '../table/connection-csv.ts';
import { connectionJson } from '../table/connection-json.ts';
import { type ConnectionEvent, ConnectionEvents } from './connection-events.ts';
import { aborted } from './first-of.ts';
import { flowStyle } from './flow-style.ts';
import type { FlowsQuery } from './flows-query.ts';
import type { CommandIo } from './io.ts';
import { Lateness } from './lateness.ts';
import { printedTable } from './screen-table.ts';
import type { DataSource } from './source.ts';
import { Words } from './turns.ts';

/** Prints what comes, changes and goes, until it is aborted. */
export async function followFlows(options: FlowsQuery, source: DataSource, io: CommandIo): Promise<void> {
  const events = new ConnectionEvents(options.passes);
  const words = new Words();
  const printer = makePrinter(options, io);
  io.out(printer.heading);
  const printed$ = whole(source).pipe(
    takeUntil(aborted(io.signal)),
    // Whoever reads slowly gets fewer, merged changes, never a queue.
    throttle(() => io.drained(), { leading: true, trailing: true }),
    tap((snapshot) => {
      io.err(words.of(snapshot));
      const lines = printer.lines(events.take(snapshot.connections, snapshot.at), snapshot.at);
      if (lines.length > 0) io.out(`${lines.join('\n')}\n`);
    }),
  );
  await lastValueFrom(printed$, { defaultValue: undefined });
}

/**
 * What is added is to be there with its names, and whole where several nodes see it: names and the agents' first tables are
 * waited for, as `gather` does.
 */
function whole({ snapshots$, timeoutMs }: DataSource): Observable<Snapshot> {
  let since: number | undefined;
  let lateness: Lateness | undefined;
  return snapshots$.pipe(
    skipWhile(({ at, agents, namesPending = false }) => {
      since ??= at;
      lateness ??= new Lateness(at);
      lateness.note(agents.filter(({ flows }) => flows !== undefined).length, at);
      const isConnecting = agents.some(({ status }) => status.kind === 'connecting');
      const isPending = namesPending || (isConnecting && (timeoutMs === 0 || !lateness.isLate(at)));
      return isPending && (timeoutMs === 0 || at - since < timeoutMs);
    }),
  );
}

interface Printer {
  readonly heading: string;
  lines(events: readonly ConnectionEvent[], at: number): string[];
}

function makePrinter({ output, columns }: FlowsQuery, io: CommandIo): Printer {
  switch (output) {
    case 'json':
      return {
        heading: '',
        lines: (events, at) =>
          events
            .filter((one) => tellsMore(one, (connection) => JSON.stringify(connectionJson(connection, at))))
            .map(({ event, connection }) =>
              printableJson({ event, id: connection.id, ...connectionJson(connection, at) }),
            ),
      };
    case 'csv':
      return {
        heading: `event,id,${csvHeading()}\n`,
        lines: (events, at) =>
          events
            .filter((one) => tellsMore(one, (connection) => csvLine(connection, at)))
            .map(({ event, connection }) => `${event},${connection.id},${csvLine(connection, at)}`),
      };
    default:
      return tablePrinter(columns, io);
  }
}

/** Of a connection, more may change than is printed: a line that says nothing new is left out. */
function tellsMore({ before, connection }: ConnectionEvent, text: (of: Connection) => string): boolean {
  return before === undefined || text(before) !== text(connection);
}

const MARKS = { added: '+', updated: '~', removed: '-' } as const;

/** For people: of the updates only those of a state or an answer, for counters change with every poll. */
function tablePrinter(columns: FlowsQuery['columns'], io: CommandIo): Printer {
  const table = printedTable({ columns, style: flowStyle, isStream: true, indent: 2 }, io);
  const heading = () => `  ${table.heading()}`;
  const repeat = repeatedHeading(heading, io);
  return {
    heading: `${heading()}\n`,
    lines(events, at) {
      const told = events.filter(({ before, connection }) => before === undefined || isTurn(before, connection));
      const rows = table.rows(
        told.map(({ connection }) => connection),
        { names: true, now: at },
      );
      return rows.flatMap((row, i) => [...repeat(), `${MARKS[told[i]?.event ?? 'updated']} ${row}`]);
    },
  };
}

/** Before a line: the heading again, where the last one is about to leave the terminal. */
function repeatedHeading(heading: () => string, { terminal }: CommandIo): () => readonly string[] {
  let since = 0;
  return () => {
    since++;
    if (terminal === undefined || since < Math.max(2, terminal().rows - 1)) return [];
    since = 1;
    return [heading()];
  };
}

function isTurn(before: ConnectionEvent['connection'], after: ConnectionEvent['connection']): boolean {
  return before.state !== after.state || before.replied !== after.replied || before.stale !== after.stale;
}
