import { stringifyPrintable } from '../../format/sanitize.ts';
import { nodesWithAgents } from '../../graph/graph.ts';
import { buildGraph } from '../../graph/graph-builder.ts';
import { formatCsvLine } from '../../output/csv.ts';
import { formatDot } from '../../output/graphviz.ts';
import type { TableId, ViewState } from '../state.ts';
import { exportedTable, isGraphShown } from '../view-model/table-cursor.ts';
import type { ViewModel } from '../view-model/view-model.ts';
import { RECORDS } from './export-records.ts';

/** A format for exported files. To add one: an object here, listed in `EXPORT_FORMATS`. */
export interface ExportFormat {
  /** As in `:export csv`, and the file's extension. */
  readonly id: string;
  /** Its content, for the help. */
  readonly help: string;
  /** The file in pieces, so that a large one is not in memory as a whole. */
  pieces(state: ViewState, viewModel: ViewModel): Iterable<string>;
}

/** All rows of the table, in its order, with the columns and numbers of `kflow flows -o csv`. */
export const CSV: ExportFormat = {
  id: 'csv',
  help: 'all rows of the table; those of connections as in `kflow flows -o csv`',
  pieces: (state, viewModel) => csvLines(exportedTable(state), viewModel),
};

function* csvLines<Id extends TableId>(id: Id, viewModel: ViewModel): Generator<string> {
  const { headings, cells } = RECORDS[id];
  const table = viewModel.table(id);
  table.sortAll();
  yield `${formatCsvLine(headings)}\n`;
  for (let row = 0; row < table.size; row++) {
    const record = viewModel.rowAt(id, row);
    if (record !== undefined) yield `${formatCsvLine(cells(record, viewModel.snapshot.at))}\n`;
  }
}

/** The whole graph in its grouping, for Graphviz (`dot -Tsvg`). */
export const DOT: ExportFormat = {
  id: 'dot',
  help: 'the graph, all its boxes and lines, for Graphviz: `dot -Tsvg`',
  *pieces(_, { filtered, grouping, snapshot }) {
    const graph = buildGraph(filtered, grouping, nodesWithAgents(grouping, snapshot.agents));
    yield* formatDot(graph, `kflow, by ${grouping.grouping}: ${snapshot.origin}`);
  },
};

/** One array, one object per line: connections and agents as in `kflow flows` and `kflow agents`. */
export const JSON_FORMAT: ExportFormat = {
  id: 'json',
  help: 'all rows of the table; those of connections as in `kflow flows -o json`',
  pieces: (state, viewModel) => jsonLines(exportedTable(state), viewModel),
};

function* jsonLines<Id extends TableId>(id: Id, viewModel: ViewModel): Generator<string> {
  const { json } = RECORDS[id];
  const table = viewModel.table(id);
  table.sortAll();
  yield '[';
  for (let row = 0; row < table.size; row++) {
    const record = viewModel.rowAt(id, row);
    if (record !== undefined)
      yield `${row === 0 ? '' : ','}\n  ${stringifyPrintable(json(record, viewModel.snapshot.at))}`;
  }
  yield table.size === 0 ? ']\n' : '\n]\n';
}

/** "kflow-connections-2026-11-25T09-30-00-000Z.csv" */
export function defaultFileName(what: string, format: ExportFormat, at: Date): string {
  return `kflow-${what}-${at.toISOString().replaceAll(/[:.]/g, '-')}.${format.id}`;
}

/** Expands "~" and "~/x.csv" as a shell does; "~user" is not supported. */
export function expandHome(file: string, home: string | undefined): string {
  return home !== undefined && home !== '' && /^~(\/|$)/.test(file)
    ? `${home.replace(/\/+$/, '')}${file.slice(1)}`
    : file;
}

export const EXPORT_FORMATS: readonly ExportFormat[] = [CSV, JSON_FORMAT, DOT];

export function findExportFormat(id: string): ExportFormat | undefined {
  return EXPORT_FORMATS.find((format) => format.id === id);
}

/** The default of `e`: DOT for the graph, CSV for tables. */
export function defaultFormat(state: ViewState): ExportFormat {
  return isGraphShown(state) ? DOT : CSV;
}

/** `:export …` with a default file name, which the operator can change before Enter writes it. */
export function exportCommand(state: ViewState, format: ExportFormat, at: number): string {
  const what = format === DOT ? 'graph' : exportedTable(state);
  return `export ${defaultFileName(what, format, new Date(at))}`;
}

interface ExportArguments {
  /** Absent: the view's default. */
  readonly format?: ExportFormat;
  readonly file?: string;
}

/**
 * Parses `:export csv FILE`, `:export FILE` and `:export`; a string is an error message. Without a format
 * the file's extension decides.
 */
export function parseExportArguments(argument: string): ExportArguments | string {
  const [, first, rest = ''] = /^(\S+)\s*(.*)$/.exec(argument.trim()) ?? [];
  if (first === undefined) return {};
  const named = findExportFormat(first);
  const file = named === undefined ? argument.trim() : rest;
  if (named !== undefined) return file === '' ? { format: named } : { format: named, file };
  const ending = EXPORT_FORMATS.find(({ id }) => file.endsWith(`.${id}`));
  if (ending !== undefined) return { format: ending, file };
  const ids = EXPORT_FORMATS.map(({ id }) => id);
  return `:export does not know ${JSON.stringify(file)}; it takes ${ids.join(', ')}, a file with that suffix, or both`;
}
