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

/** Prints what comes, changes and goes, until it is aborted. */
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
 * What is added is to be there with its names, and whole where several nodes see it: names and the agents' first tables are
 * waited for, as `collectSnapshot` does.
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

/** Of a connection, more may change than is printed: a line that says nothing new is left out. */
function hasMoreToPrint({ before, connection }: ConnectionEvent, text: (of: Connection) => string): boolean {
  return before === undefined || text(before) !== text(connection);
}

const MARKS = { added: '+', updated: '~', removed: '-' } as const;

/** For people: of the updates only those of a state or an answer, for counters change with every poll. */
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

function isHeadingDue(before: ConnectionEvent['connection'], after: ConnectionEvent['connection']): boolean {
  return before.state !== after.state || before.replied !== after.replied || before.stale !== after.stale;
}

export interface ConnectionEvent {
  readonly event: 'added' | 'updated' | 'removed';
  readonly connection: Connection;
  /** Of an update: the connection before. */
  readonly before?: Connection;
}

/** Tells what is new, changed and gone among the connections that pass, from one snapshot to the next. */
export class ConnectionEvents {
  readonly #passes: ConnectionPredicate;
  #known = new Map<number, Connection>();

  constructor(passes: ConnectionPredicate) {
    this.#passes = passes;
  }

  /** `at`: unix time in milliseconds. A connection that ceases to pass is removed, one that begins to is added. */
  take(connections: readonly Connection[], at: number): ConnectionEvent[] {
    const events: ConnectionEvent[] = [];
    const now = new Map<number, Connection>();
    for (const connection of connections) {
      const before = this.#known.get(connection.id);
      // One that has not changed may cease to pass all the same: its age does not stand still.
      if (!this.#passes(connection, at)) continue;
      now.set(connection.id, connection);
      if (before === undefined) events.push({ event: 'added', connection });
      // A connection that changed is another object.
      else if (before !== connection) events.push({ event: 'updated', connection, before });
    }
    const removed: ConnectionEvent[] = [];
    for (const [id, connection] of this.#known) if (!now.has(id)) removed.push({ event: 'removed', connection });
    this.#known = now;
    // What goes comes first: another connection may be at the same addresses and ports already.
    return [...removed, ...events];
  }
}
