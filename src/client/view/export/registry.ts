import { CSV } from './csv.ts';
import { DOT } from './dot.ts';
import type { ExportFormat } from './format.ts';
import { JSON_FORMAT } from './json.ts';

/** The first is what `e` writes. */
export const EXPORT_FORMATS: readonly [ExportFormat, ...ExportFormat[]] = [CSV, JSON_FORMAT, DOT];

export function exportFormat(id: string): ExportFormat | undefined {
  return EXPORT_FORMATS.find((format) => format.id === id);
}

interface Wanted {
  readonly format: ExportFormat;
  readonly file?: string;
}

/** What `e` and `:export` alone write: a file of its own name. */
export const EXPORT_DEFAULT: Wanted = { format: EXPORT_FORMATS[0] };

/**
 * What `:export csv FILE`, `:export FILE` and `:export` ask for, or what is wrong with it. A file without a format before
 * it tells the format by its end.
 */
export function exportWanted(words: readonly string[]): Wanted | string {
  const [first, ...rest] = words;
  if (first === undefined) return EXPORT_DEFAULT;
  const named = exportFormat(first);
  const file = (named === undefined ? words : rest).join(' ');
  if (named !== undefined) return file === '' ? { format: named } : { format: named, file };
  const ending = EXPORT_FORMATS.find(({ id }) => file.endsWith(`.${id}`));
  if (ending !== undefined) return { format: ending, file };
  const ids = EXPORT_FORMATS.map(({ id }) => id);
  return `:export does not know ${JSON.stringify(file)}; it takes ${ids.join(', ')}, a file that ends so, or both`;
}
