import { lastValueFrom, type Observable, skipWhile, takeUntil, tap, throttle } from 'rxjs';
import type { ConnectionPredicate } from '../../filter/field.ts';
import { stringifyPrintable } from '../../format/sanitize.ts';
import type { Connection } from '../../model/connection.ts';
import type { Snapshot } from '../../model/snapshot.ts';
import { toConnectionJson } from '../../output/connection-json.ts';
import { formatCsvHeading, formatCsvRow } from '../../output/csv.ts';
import type { Session } from '../../session/session.ts';
import { whenAborted } from '../shared/collect.ts';
import type { CommandIo } from '../shared/command-io.ts';
import { GracePeriod } from '../shared/grace-period.ts';
import { formatTable } from '../shared/screen-table.ts';
import { StatusReporter } from '../shared/status-reporter.ts';
import { flowStyle } from './flow-style.ts';
import type { FlowsQuery } from './flows-query.ts';

/** Prints connections as they are added, changed and removed, until it is aborted. */
export async function followFlows(options: FlowsQuery, source: Session, io: CommandIo): Promise<void> {
  const events = new ConnectionEvents(options.passes);
  const reporter = new StatusReporter();
  const printer = makePrinter(options, io);
  io.stdout(printer.heading);
  const printed$ = whenComplete(source).pipe(
    takeUntil(whenAborted(io.signal)),
    // A slow reader gets fewer, merged changes, never a queue.
    throttle(() => io.flushed(), { leading: true, trailing: true }),
    tap((snapshot) => {
      io.stderr(reporter.report(snapshot));
      const lines = printer.lines(events.take(snapshot.connections, snapshot.at), snapshot.at);
      if (lines.length > 0) io.stdout(`${lines.join('\n')}\n`);
    }),
  );
  await lastValueFrom(printed$, { defaultValue: undefined });
}

/**
 * An added connection is printed with its names and with the hops of all nodes. So this waits for names and for the agents' first
 * tables, as `collectSnapshot` does.
 */
function whenComplete({ snapshots$, timeoutMs }: Session): Observable<Snapshot> {
  let since: number | undefined;
  let gracePeriod: GracePeriod | undefined;
  return snapshots$.pipe(
    skipWhile(({ at, agents, namesPending = false }) => {
      since ??= at;
      gracePeriod ??= new GracePeriod(at);
      gracePeriod.observe(agents.filter(({ flows }) => flows !== undefined).length, at);
      const isConnecting = agents.some(({ status }) => status.kind === 'connecting');
      const isPending = namesPending || (isConnecting && (timeoutMs === 0 || !gracePeriod.isOver(at)));
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
            .filter((one) => hasMoreToPrint(one, (connection) => JSON.stringify(toConnectionJson(connection, at))))
            .map(({ event, connection }) =>
              stringifyPrintable({ event, id: connection.id, ...toConnectionJson(connection, at) }),
            ),
      };
    case 'csv':
      return {
        heading: `event,id,${formatCsvHeading()}\n`,
        lines: (events, at) =>
          events
            .filter((one) => hasMoreToPrint(one, (connection) => formatCsvRow(connection, at)))
            .map(({ event, connection }) => `${event},${connection.id},${formatCsvRow(connection, at)}`),
      };
    default:
      return tablePrinter(columns, io);
  }
}

/** More of a connection may change than is printed: a line that would repeat the last one is left out. */
function hasMoreToPrint({ before, connection }: ConnectionEvent, text: (of: Connection) => string): boolean {
  return before === undefined || text(before) !== text(connection);
}

const MARKS = { added: '+', updated: '~', removed: '-' } as const;

/** For people: prints updates only of the state or a reply, because counters change with every poll. */
function tablePrinter(columns: FlowsQuery['columns'], io: CommandIo): Printer {
  const table = formatTable({ columns, style: flowStyle, isStream: true, indent: 2 }, io);
  const heading = () => `  ${table.heading()}`;
  const repeat = repeatedHeading(heading, io);
  return {
    heading: `${heading()}\n`,
    lines(events, at) {
      const reported = events.filter(
        ({ before, connection }) => before === undefined || isHeadingDue(before, connection),
      );
      const rows = table.rows(
        reported.map(({ connection }) => connection),
        { names: true, now: at },
      );
      return rows.flatMap((row, i) => [...repeat(), `${MARKS[reported[i]?.event ?? 'updated']} ${row}`]);
    },
  };
}

/** Repeats the heading before a line when the last heading is about to scroll off the terminal. */
function repeatedHeading(heading: () => string, { terminal }: CommandIo): () => readonly string[] {
  let since = 0;
  return () => {
    since++;
    if (terminal === undefined || since < Math.max(2, terminal().rows - 1)) return [];
    since = 1;
    return [heading()];
  };
}

function isHeadingDue(before: ConnectionEvent['connection'], after: ConnectionEvent['connection']): boolean {
  return before.state !== after.state || before.replied !== after.replied || before.stale !== after.stale;
}

export interface ConnectionEvent {
  readonly event: 'added' | 'updated' | 'removed';
  readonly connection: Connection;
  /** Of an update: the connection before. */
  readonly before?: Connection;
}

/** Finds which connections of the filter are added, changed and removed from one snapshot to the next. */
export class ConnectionEvents {
  readonly #passes: ConnectionPredicate;
  #known = new Map<number, Connection>();

  constructor(passes: ConnectionPredicate) {
    this.#passes = passes;
  }

  /** `at`: unix time in milliseconds. A connection that no longer matches is removed, one that starts to match is added. */
  take(connections: readonly Connection[], at: number): ConnectionEvent[] {
    const events: ConnectionEvent[] = [];
    const now = new Map<number, Connection>();
    for (const connection of connections) {
      const before = this.#known.get(connection.id);
      // An unchanged connection may stop matching, because its age grows.
      if (!this.#passes(connection, at)) continue;
      now.set(connection.id, connection);
      if (before === undefined) events.push({ event: 'added', connection });
      // A changed connection is a new object.
      else if (before !== connection) events.push({ event: 'updated', connection, before });
    }
    const removed: ConnectionEvent[] = [];
    for (const [id, connection] of this.#known) if (!now.has(id)) removed.push({ event: 'removed', connection });
    this.#known = now;
    // Removals come first: a new connection may already have the same addresses and ports.
    return [...removed, ...events];
  }
}
