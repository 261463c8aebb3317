import { protocolName } from '../../../flow/protocol.ts';
import { sentence } from '../../format/sanitize.ts';
import { toAgentJson } from '../../output/agent-json.ts';
import { toConnectionJson } from '../../output/connection-json.ts';
import { CSV_COLUMNS, type CsvValue } from '../../output/csv.ts';

import { toProblemJson } from '../../output/problem-json.ts';
import type { TrafficSummary } from '../../traffic/traffic.ts';
import type { TableId } from '../state.ts';
import type { RowOf } from '../view-model/view-model.ts';

/** The rows of a table for files: raw numbers, and the field names of `kflow flows` and the other commands. */
export interface Records<Row> {
  json(row: Row, at: number): object;
  /** The CSV columns. */
  readonly headings: readonly string[];
  cells(row: Row, at: number): readonly CsvValue[];
}

export const RECORDS: { readonly [Id in TableId]: Records<RowOf[Id]> } = {
  connections: {
    json: toConnectionJson,
    headings: CSV_COLUMNS.map(([name]) => name),
    cells(row, at) {
      const json = toConnectionJson(row, at);
      return CSV_COLUMNS.map(([, value]) => value(json));
    },
  },
  agents: flat(toAgentJson, Object.keys(toAgentJson({ key: '', node: sentence``, status: { kind: 'connecting' } }))),
  problems: flat(toProblemJson, ['severity', 'title', 'subject', 'count', 'unit', 'explanation', 'next']),
  nodes: summed(['node', 'status', 'tableUsage'], ({ node, agent, fill, traffic }) => ({
    node,
    status: agent.status.kind,
    tableUsage: fill,
    ...sums(traffic),
  })),
  workloads: summed(['name', 'kind'], ({ name, kind, traffic }) => ({ name, kind, ...sums(traffic) })),
  services: summed(
    ['name', 'port', 'protocol', 'clients', 'backends'],
    ({ name, port, protocol, clients, backends, traffic }) => ({
      name,
      port,
      protocol: protocolName(protocol),
      clients,
      backends,
      ...sums(traffic),
    }),
  ),
};

/** Nested fields have a dot: "bytesPerSecond.sent" is the column "bytes_per_second_sent". */
function flat<Row>(json: (row: Row) => object, paths: readonly string[]): Records<Row> {
  return {
    json,
    headings: paths.map((path) => path.replace('.', '_').replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)),
    cells(row) {
      const record = json(row);
      return paths.map((path) => valueAt(record, path.split('.')));
    },
  };
}

function valueAt(record: unknown, [field, ...rest]: readonly string[]): CsvValue {
  if (field === undefined) return record as CsvValue;
  return record === undefined ? undefined : valueAt((record as Record<string, unknown>)[field], rest);
}

function summed<Row>(fields: readonly string[], json: (row: Row) => object): Records<Row> {
  return flat(json, [
    ...fields,
    'connections',
    'unanswered',
    'bytesPerSecond.sent',
    'bytesPerSecond.received',
    'bytes',
  ]);
}

function sums({ connections, unanswered, sentRate, receivedRate, bytes }: TrafficSummary) {
  const rates = { sent: rounded(sentRate), received: rounded(receivedRate) };
  const isKnown = sentRate !== undefined || receivedRate !== undefined;
  return { connections, unanswered, bytesPerSecond: isKnown ? rates : undefined, bytes };
}

function rounded(rate: number | undefined): number | undefined {
  return rate === undefined ? undefined : Math.round(rate);
}
