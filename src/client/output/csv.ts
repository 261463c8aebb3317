import type { Connection } from '../model/connection.ts';
import { toConnectionJson } from './connection-json.ts';

type Json = ReturnType<typeof toConnectionJson>;

/** The columns, in order; those of a later version come after these. The units are those of the JSON fields. */
export const CSV_COLUMNS: readonly (readonly [string, (json: Json) => CsvValue])[] = [
  ['protocol', (json) => json.protocol],
  ['family', (json) => json.family],
  ['state', (json) => json.state],
  ['replied', (json) => json.replied],
  ['assured', (json) => json.assured],
  ...endpointColumns('source', (json) => json.source),
  ...endpointColumns('destination', (json) => json.destination),
  ['icmp_type', (json) => json.icmp?.type],
  ['icmp_code', (json) => json.icmp?.code],
  ['icmp_id', (json) => json.icmp?.id],
  ['service_namespace', (json) => json.via?.service?.namespace],
  ['service_name', (json) => json.via?.service?.name],
  ['service_address', (json) => json.via?.service?.address],
  ['service_port', (json) => json.via?.service?.port],
  ['snat_address', (json) => json.via?.snat?.address],
  ['snat_port', (json) => json.via?.snat?.port],
  ['bytes_per_second_sent', (json) => json.bytesPerSecond?.sent],
  ['bytes_per_second_received', (json) => json.bytesPerSecond?.received],
  ['bytes_sent', (json) => json.bytes?.sent],
  ['bytes_received', (json) => json.bytes?.received],
  ['packets_sent', (json) => json.packets?.sent],
  ['packets_received', (json) => json.packets?.received],
  ['age_seconds', (json) => json.ageSeconds],
  ['observed_by', (json) => json.observedBy.join(' ')],
  ['stale', (json) => json.stale],
  ['zones', (json) => json.zones.join(' ')],
  ['mark', (json) => json.mark],
  ['offloaded', (json) => json.offloaded],
  ['incomplete', (json) => json.incomplete],
  ['unanswered', (json) => json.unanswered],
  ['observed_seconds', (json) => json.observedSeconds],
  ['disputed', (json) => json.disputed],
];

function endpointColumns(
  side: string,
  of: (json: Json) => Json['source'],
): (readonly [string, (json: Json) => CsvValue])[] {
  return [
    [`${side}_kind`, (json) => of(json).kind],
    [`${side}_address`, (json) => of(json).address],
    [`${side}_port`, (json) => of(json).port],
    [`${side}_namespace`, (json) => of(json).namespace],
    [`${side}_name`, (json) => of(json).name],
    [`${side}_node`, (json) => of(json).node],
    [`${side}_workload_kind`, (json) => of(json).workload?.kind],
    [`${side}_workload_name`, (json) => of(json).workload?.name],
  ];
}

export function formatCsvHeading(): string {
  return formatCsvLine(CSV_COLUMNS.map(([name]) => name));
}

/** Unknown is an empty cell. */
export function formatCsvRow(connection: Connection, now: number): string {
  const json = toConnectionJson(connection, now);
  return formatCsvLine(CSV_COLUMNS.map(([, value]) => value(json)));
}

export type CsvValue = string | number | boolean | undefined;

/** Characters that start a formula. Excel also accepts their full-width forms. */
const START = '=+\\-@\\uff1d\\uff0b\\uff0d\\uff20';
const FORMULA = new RegExp(`^[\\t\\r\\n${START}]`);
/** Where ";" separates cells, which many locales have, quotes within a line do not keep a cell together. */
const LATER_FORMULA = new RegExp(`;(?=["\\s]*[${START}])`, 'g');
const NUMBER = /^[+-]?\d+(\.\d+)?(e[+-]?\d+)?$/i;

/** A line by RFC 4180, except for its end, which is the platform's. Unknown is an empty cell. */
export function formatCsvLine(values: readonly CsvValue[]): string {
  return values.map(cell).join(',');
}

function cell(value: CsvValue): string {
  const raw = value === undefined ? '' : String(value);
  const text = typeof value === 'string' ? withoutFormulas(raw) : raw;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** A spreadsheet takes what begins so for a formula; after "'" it is text. */
function withoutFormulas(text: string): string {
  const whole = FORMULA.test(text) && !NUMBER.test(text) ? `'${text}` : text;
  return whole.replace(LATER_FORMULA, ";'");
}
