import { printableJson } from '../format/sanitize.ts';
import type { Connection } from '../model.ts';
import { csvHeading, csvLine } from '../table/connection-csv.ts';
import { connectionJson } from '../table/connection-json.ts';
import { firstOf } from './first-of.ts';
import { flowStyle } from './flow-style.ts';
import { followFlows } from './flows-follow.ts';
import type { FlowsQuery } from './flows-query.ts';
import { gatherFrom } from './gather-from.ts';
import type { CommandIo } from './io.ts';
import { printedTable } from './screen-table.ts';
import { type DataSource, openSource } from './source.ts';

import { missingLines, noneFits, noticeLines, requireTables } from './words.ts';

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
