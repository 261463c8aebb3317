import type { AgentState } from '../../model/agent.ts';
import { type Connection, isUnanswered } from '../../model/connection.ts';
import type { Problem } from '../../problems/problem.ts';
import { rateLevel, sumRates, type TrafficSummary } from '../../traffic/traffic.ts';
import { heatStyle, type Style } from '../text/style.ts';

type CellStyle<Row> = (row: Row, column: string) => Style | undefined;

/** Cells of secondary importance. */
const QUIET = new Set([
  'proto',
  'port',
  'via',
  'age',
  'total',
  'nodes',
  'kind',
  'clients',
  'backends',
  'version',
  'pod',
]);

/** Rows of stale agents are grey; an unanswered state is red; rates are coloured by their share of the heaviest. */
export function connectionStyle(heaviest: number): CellStyle<Connection> {
  return (connection, column) => {
    if (connection.stale) return 'stale';
    if (column === 'state' && isUnanswered(connection)) return 'bad';
    if (column === 'out') return rateStyle(connection.sentRate, heaviest);
    if (column === 'in') return rateStyle(connection.receivedRate, heaviest);
    if (column === 'rate') return rateStyle(sumRates(connection), heaviest);
    return QUIET.has(column) ? 'dim' : undefined;
  };
}

export function trafficStyle<Row extends { readonly traffic: TrafficSummary }>(rows: readonly Row[]): CellStyle<Row> {
  let heaviest = 0;
  for (const { traffic } of rows) heaviest = Math.max(heaviest, traffic.rate ?? 0);
  return ({ traffic }, column) => {
    if (traffic.connections > 0 && traffic.stale === traffic.connections) return 'stale';
    if (column === 'unanswered') return 'bad';
    if (column === 'out') return rateStyle(traffic.sentRate, heaviest);
    if (column === 'in') return rateStyle(traffic.receivedRate, heaviest);
    if (column === 'rate') return rateStyle(traffic.rate, heaviest);
    return QUIET.has(column) ? 'dim' : undefined;
  };
}

/** A node that is not live is grey, except for its status. */
export function nodeStyle<Row extends { readonly traffic: TrafficSummary; readonly agent: AgentState }>(
  rows: readonly Row[],
): CellStyle<Row> {
  const style = trafficStyle(rows);
  return (row, column) => agentStyle(row.agent, column) ?? style(row, column);
}

export function agentStyle({ status, info, claimedNode }: AgentState, column: string): Style | undefined {
  if (status.kind === 'live') {
    if (column === 'status') return 'good';
    if (column === 'reason' && claimedNode !== undefined) return 'warn';
    if (column === 'accounting' && info?.accounting === 'off') return 'warn';
    return QUIET.has(column) ? 'dim' : undefined;
  }
  if (column === 'status' || column === 'reason')
    return status.kind === 'connecting' || status.kind === 'unused' ? 'warn' : 'bad';
  return 'stale';
}

export function problemStyle({ severity }: Problem, column: string): Style | undefined {
  if (column === 'meaning' || column === 'next') return 'dim';
  if (column !== 'severity' && column !== 'problem') return undefined;
  return severity === 3 ? 'bad' : severity === 2 ? 'warn' : undefined;
}

function rateStyle(rate: number | undefined, heaviest: number): Style {
  return rate === undefined ? 'dim' : heatStyle(rateLevel(rate, heaviest) || 1);
}
