export type CsvValue = string | number | boolean | undefined;

/** A line by RFC 4180, but for its end, which is the platform's. Unknown is an empty cell. */
export function csvText(values: readonly CsvValue[]): string {
  return values.map(cell).join(',');
}

function cell(value: CsvValue): string {
  const text = value === undefined ? '' : String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
