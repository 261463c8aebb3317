import { exportedTable, isGraphShown } from '../state/select.ts';
import type { ViewState } from '../state/state.ts';
import { CSV } from './csv.ts';
import { DOT } from './dot.ts';
import { ownName } from './file-name.ts';
import type { ExportFormat } from './format.ts';
import { JSON_FORMAT } from './json.ts';

export const EXPORT_FORMATS: readonly ExportFormat[] = [CSV, JSON_FORMAT, DOT];

export function exportFormat(id: string): ExportFormat | undefined {
  return EXPORT_FORMATS.find((format) => format.id === id);
}

/** What `e` offers: the graph as a graph, all else as a table. */
export function defaultFormat(state: ViewState): ExportFormat {
  return isGraphShown(state) ? DOT : CSV;
}

/** `:export …` with a file's name of its own, for the operator to see and change before Enter writes it. */
export function exportCommand(state: ViewState, format: ExportFormat, at: number): string {
  const what = format === DOT ? 'graph' : exportedTable(state);
  return `export ${ownName(what, format, new Date(at))}`;
}

interface Wanted {
  /** Absent: that of the view. */
  readonly format?: ExportFormat;
  readonly file?: string;
}

/**
 * What `:export csv FILE`, `:export FILE` and `:export` ask for, or what is wrong with it. A file without a format before
 * it tells the format by its end.
 */
export function exportWanted(argument: string): Wanted | string {
  const [, first, rest = ''] = /^(\S+)\s*(.*)$/.exec(argument.trim()) ?? [];
  if (first === undefined) return {};
  const named = exportFormat(first);
  const file = named === undefined ? argument.trim() : rest;
  if (named !== undefined) return file === '' ? { format: named } : { format: named, file };
  const ending = EXPORT_FORMATS.find(({ id }) => file.endsWith(`.${id}`));
  if (ending !== undefined) return { format: ending, file };
  const ids = EXPORT_FORMATS.map(({ id }) => id);
  return `:export does not know ${JSON.stringify(file)}; it takes ${ids.join(', ')}, a file that ends so, or both`;
}
