import { noticeLines } from '../../format/notices.ts';
import { printableJson } from '../../format/sanitize.ts';
import type { Connection } from '../../model/connection.ts';
import { connectionJson } from '../../output/connection-json.ts';
import { csvHeading, csvLine } from '../../output/csv.ts';
import { openSource } from '../../session/open-session.ts';
import type { DataSource } from '../../session/session.ts';
import { firstOf, gatherFrom } from '../shared/collect.ts';
import type { CommandIo } from '../shared/command-io.ts';
import { missingLines, noneFits, requireTables } from '../shared/messages.ts';
import { printedTable } from '../shared/screen-table.ts';
import { flowStyle } from './flow-style.ts';
import { followFlows } from './flows-follow.ts';
import type { FlowsQuery } from './flows-query.ts';

/** Characters that are put out at once. */
const PIECE = 65_536;

/** Prints connections: once, or as they come, change and go. */
export async function flows(options: FlowsQuery, io: CommandIo): Promise<number> {
  const source = await openSource(options.source, io);
  try {
    await (options.follow ? followFlows(options, source, io) : printFlows(options, source, io));
    return 0;
  } finally {
    await source.close();
  }
}

async function printFlows(options: FlowsQuery, source: DataSource, io: CommandIo): Promise<void> {
  const { timeoutMs } = source;
  const gathered = await firstOf(gatherFrom(source, { polls: options.polls }), io.signal);
  const snapshot = requireTables(gathered, timeoutMs);
  const { at, connections } = snapshot;
  const passing = connections.filter((connection) => options.passes(connection, at));
  const none = passing.length === 0 ? noneFits(connections, options.source, snapshot.agents) : [];
  io.err(noticeLines([...missingLines(gathered), ...snapshot.notices, ...none]));
  let piece = '';
  for (const line of formatted(options.order(passing, at), at, options, io)) {
    piece += line;
    if (piece.length < PIECE) continue;
    io.out(piece);
    piece = '';
    await io.drained();
    io.signal.throwIfAborted();
  }
  io.out(piece);
}

/** Line by line, so that a large table is not one text. */
function* formatted(rows: readonly Connection[], at: number, options: FlowsQuery, io: CommandIo): Generator<string> {
  switch (options.output) {
    case 'json': {
      if (rows.length === 0) yield '[]\n';
      for (const [i, row] of rows.entries())
        yield `${i === 0 ? '[\n' : ',\n'}  ${printableJson(connectionJson(row, at))}${i === rows.length - 1 ? '\n]\n' : ''}`;
      return;
    }
    case 'csv': {
      yield `${csvHeading()}\n`;
      for (const row of rows) yield `${csvLine(row, at)}\n`;
      return;
    }
    default: {
      const { columns, sortedBy } = options;
      const table = printedTable({ columns, sortedBy, style: flowStyle }, io);
      const lines = table.rows(rows, { names: true, now: at });
      yield `${table.heading()}\n`;
      for (const line of lines) yield `${line}\n`;
    }
  }
}
