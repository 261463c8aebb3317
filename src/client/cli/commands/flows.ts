import { formatNotices } from '../../format/notices.ts';
import { stringifyPrintable } from '../../format/sanitize.ts';
import type { Connection } from '../../model/connection.ts';
import { toConnectionJson } from '../../output/connection-json.ts';
import { formatCsvHeading, formatCsvRow } from '../../output/csv.ts';
import { openSession } from '../../session/open-session.ts';
import type { Session } from '../../session/session.ts';
import { collectFrom, firstValue } from '../shared/collect.ts';
import type { CommandIo } from '../shared/command-io.ts';
import { describeNoMatch, requireTables } from '../shared/messages.ts';
import { describeMissingAgents } from '../shared/missing-agents.ts';
import { formatTable } from '../shared/screen-table.ts';
import { flowStyle } from './flow-style.ts';
import { followFlows } from './flows-follow.ts';
import type { FlowsQuery } from './flows-query.ts';

/** Characters per write. */
const ROWS_PER_WRITE = 65_536;

/** Prints connections: once, or as they are added, changed and removed. */
export async function flows(options: FlowsQuery, io: CommandIo): Promise<number> {
  const source = await openSession(options.source, io);
  try {
    await (options.follow ? followFlows(options, source, io) : printFlows(options, source, io));
    return 0;
  } finally {
    await source.close();
  }
}

async function printFlows(options: FlowsQuery, source: Session, io: CommandIo): Promise<void> {
  const { timeoutMs } = source;
  const collected = await firstValue(collectFrom(source, { polls: options.polls }), io.signal);
  const snapshot = requireTables(collected, timeoutMs);
  const { at, connections } = snapshot;
  const passing = connections.filter((connection) => options.passes(connection, at));
  const none = passing.length === 0 ? describeNoMatch(connections, options.source, snapshot.agents) : [];
  io.stderr(formatNotices([...describeMissingAgents(collected), ...snapshot.notices, ...none]));
  let piece = '';
  for (const line of formatRows(options.order(passing, at), at, options, io)) {
    piece += line;
    if (piece.length < ROWS_PER_WRITE) continue;
    io.stdout(piece);
    piece = '';
    await io.flushed();
    io.signal.throwIfAborted();
  }
  io.stdout(piece);
}

/** Yields line by line, so that a large table is not one string. */
function* formatRows(rows: readonly Connection[], at: number, options: FlowsQuery, io: CommandIo): Generator<string> {
  switch (options.output) {
    case 'json': {
      if (rows.length === 0) yield '[]\n';
      for (const [i, row] of rows.entries())
        yield `${i === 0 ? '[\n' : ',\n'}  ${stringifyPrintable(toConnectionJson(row, at))}${i === rows.length - 1 ? '\n]\n' : ''}`;
      return;
    }
    case 'csv': {
      yield `${formatCsvHeading()}\n`;
      for (const row of rows) yield `${formatCsvRow(row, at)}\n`;
      return;
    }
    default: {
      const { columns, sortedBy } = options;
      const table = formatTable({ columns, sortedBy, style: flowStyle }, io);
      const lines = table.rows(rows, { names: true, now: at });
      yield `${table.heading()}\n`;
      for (const line of lines) yield `${line}\n`;
    }
  }
}
