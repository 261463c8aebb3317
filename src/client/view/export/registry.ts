import { CSV } from './csv.ts';
import { DOT } from './dot.ts';
import type { ExportFormat } from './format.ts';
import { JSON_FORMAT } from './json.ts';

/** The first is what `e` writes. */
export const EXPORT_FORMATS: readonly [ExportFormat, ...ExportFormat[]] = [CSV, JSON_FORMAT, DOT];

export function exportFormat(id: string): ExportFormat | undefined {
  return EXPORT_FORMATS.find((format) => format.id === id);
}

/** What `:export csv FILE`, `:export FILE` and `:export` ask for; a file that is named tells the format by its end. */
export function exportWanted(words: readonly string[]): { readonly format: ExportFormat; readonly file?: string } {
  const [first, ...rest] = words;
  if (first === undefined) return { format: EXPORT_FORMATS[0] };
  const named = exportFormat(first);
  const file = (named === undefined ? words : rest).join(' ');
  const ending = EXPORT_FORMATS.find(({ id }) => file.endsWith(`.${id}`));
  const format = named ?? ending ?? EXPORT_FORMATS[0];
  return file === '' ? { format } : { format, file };
}
