import { fromEvent, lastValueFrom, takeUntil, tap, throttle } from 'rxjs';
import { connectionJson } from '../table/connection-json.ts';
import { csvHeading, csvLine } from './connection-csv.ts';
import { type ConnectionEvent, ConnectionEvents } from './connection-events.ts';
import type { FlowsQuery } from './flows-query.ts';
import type { CommandIo } from './io.ts';
import type { DataSource } from './source.ts';
import { TextTable } from './text-table.ts';
import { Words } from './turns.ts';

/** Prints what comes, changes and goes, until it is aborted. */
export async function followFlows(options: FlowsQuery, source: DataSource, io: CommandIo): Promise<void> {
  const events = new ConnectionEvents(options.passes);
  const words = new Words();
  const printer = makePrinter(options);
  io.out(printer.heading);
  const printed$ = source.snapshots$.pipe(
    takeUntil(fromEvent(io.signal, 'abort')),
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

interface Printer {
  readonly heading: string;
  lines(events: readonly ConnectionEvent[], at: number): string[];
}

function makePrinter({ output, columns }: FlowsQuery): Printer {
  switch (output) {
    case 'json':
      return {
        heading: '',
        lines: (events, at) =>
          events.map(({ event, connection }) => JSON.stringify({ event, ...connectionJson(connection, at) })),
      };
    case 'csv':
      return {
        heading: `event,${csvHeading()}\n`,
        lines: (events, at) => events.map(({ event, connection }) => `${event},${csvLine(connection, at)}`),
      };
    default:
      return tablePrinter(columns);
  }
}

const MARKS = { added: '+', updated: '~', removed: '-' } as const;

/** For people: of the updates only those of a state or an answer, for counters change with every poll. */
function tablePrinter(columns: FlowsQuery['columns']): Printer {
  const table = new TextTable(columns);
  return {
    heading: `  ${table.heading()}\n`,
    lines(events, at) {
      const told = events.filter(({ before, connection }) => before === undefined || isTurn(before, connection));
      const rows = table.rows(
        told.map(({ connection }) => connection),
        { names: true, now: at },
      );
      return rows.map((row, i) => `${MARKS[told[i]?.event ?? 'updated']} ${row}`);
    },
  };
}

function isTurn(before: ConnectionEvent['connection'], after: ConnectionEvent['connection']): boolean {
  return before.state !== after.state || before.replied !== after.replied || before.stale !== after.stale;
}
