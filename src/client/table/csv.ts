export type CsvValue = string | number | boolean | undefined;

const FORMULA = /^[=+\-@\t\r]/;
const NUMBER = /^[+-]?\d+(\.\d+)?(e[+-]?\d+)?$/i;

/** A line by RFC 4180, but for its end, which is the platform's. Unknown is an empty cell. */
export function csvText(values: readonly CsvValue[]): string {
  return values.map(cell).join(',');
}

function cell(value: CsvValue): string {
  const raw = value === undefined ? '' : String(value);
  // A spreadsheet takes such a text for a formula.
  const text = typeof value === 'string' && FORMULA.test(raw) && !NUMBER.test(raw) ? `'${raw}` : raw;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
