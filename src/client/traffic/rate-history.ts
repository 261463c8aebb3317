import { type ChunkedWork, forEachChunked } from '../async/chunked-work.ts';
import type { Connection } from '../model/connection.ts';
import type { Snapshot } from '../model/snapshot.ts';
import { countedConnections } from './counted-connections.ts';
import { groupingContext, visitNodes } from './grouping.ts';
import { AVERAGE_WINDOWS_S, averages, RateSeries } from './rate-series.ts';
import { serviceKey } from './service-rows.ts';
import { TopSelector } from './top-keys.ts';
import { currentRate } from './traffic.ts';
import { type WorkloadGrouping, workloadKey } from './workload-rows.ts';

const SECOND_MS = 1000;
/** Each takes 2.4 kB. */
const MAX_SERIES = 4096;
/** With at most this many connections, the history of workloads and services is recorded even while they are not shown. */
const MAX_TRACKED_CONNECTIONS = 20_000;

/**
 * Rates of the last ten minutes for everything that can be selected: nodes, boxes and lines always; connections,
 * workloads and services all if they are few, otherwise those on the screen and the heaviest. Its size is bounded:
 * the series without a new sample for the longest time is dropped first.
 */
export class RateHistory {
  /** In the order of their last sample, the oldest first. */
  readonly #series = new Map<string, RateSeries>();
  readonly #heaviest = {
    connections: new TopSelector(2000),
    workloads: new TopSelector(500),
    services: new TopSelector(500),
  };
  #second = Number.NaN;
  #keepsSums = true;

  /** Once a second is enough. `watched`: ids of connections on the screen; `workloadGrouping`: how workloads are grouped. */
  *record(snapshot: Snapshot, watched: ReadonlySet<number>, workloadGrouping: WorkloadGrouping): ChunkedWork<void> {
    const second = Math.floor(snapshot.at / SECOND_MS);
    if (second === this.#second) return;
    this.#second = second;
    const { agents, at } = snapshot;
    const connections = countedConnections(snapshot);
    const nodes = new Map<string, number>();
    const context = groupingContext('node', agents);
    const picks = this.#heaviest.connections.startPass(connections.length);
    yield* forEachChunked(connections, (connection) => {
      const rate = currentRate(connection);
      if (watched.has(connection.id) || picks(rate)) this.addSample(connectionSeries(connection.id), at, rate);
      if (rate === undefined) return;
      visitNodes(connection, context, (node) => nodes.set(node, (nodes.get(node) ?? 0) + rate));
    });
    this.#keepsSums = connections.length <= MAX_TRACKED_CONNECTIONS;
    if (this.#keepsSums) yield* this.#sums(connections, at, workloadGrouping);
    for (const { key, node } of agents) this.addSample(agentSeries(key), at, nodes.get(node));
  }

  *#sums(connections: readonly Connection[], at: number, by: WorkloadGrouping): ChunkedWork<void> {
    const workloads = new Sums();
    const services = new Sums();
    yield* forEachChunked(connections, (connection) => {
      const rate = currentRate(connection);
      const [source, destination] = [workloadKey(connection.source, by), workloadKey(connection.destination, by)];
      workloads.add(source, rate);
      if (destination !== source) workloads.add(destination, rate);
      services.add(serviceKey(connection), rate);
    });
    for (const [table, sums] of [
      ['workloads', workloads],
      ['services', services],
    ] as const) {
      const picks = this.#heaviest[table].startPass(sums.rates.size);
      for (const [key, rate] of sums.rates) if (picks(rate)) this.addSample(rowSeries(table, key, by), at, rate);
    }
  }

  /** With few connections: records the sums of all workloads, services, boxes and lines, even those off the screen. */
  get keepsSums(): boolean {
    return this.#keepsSums;
  }

  /** `at`: unix time in milliseconds; `rate`: bytes per second. */
  addSample(key: string, at: number, rate: number | undefined): void {
    const second = Math.floor(at / SECOND_MS);
    let series = this.#series.get(key);
    if (series === undefined) series = new RateSeries(second);
    else this.#series.delete(key);
    series.add(second, rate);
    this.#series.set(key, series);
    if (this.#series.size <= MAX_SERIES) return;
    const [oldest] = this.#series.keys();
    if (oldest !== undefined) this.#series.delete(oldest);
  }

  /** Records a row on the screen, of a table whose sums are not recorded all the time. */
  addShownSample(
    table: string,
    key: string | number,
    by: WorkloadGrouping,
    at: number,
    rate: number | undefined,
  ): void {
    if (!this.#keepsSums) this.addSample(rowSeries(table, key, by), at, rate);
  }

  /** Bytes per second, second by second up to `at`, the oldest first; NaN: unknown. */
  rates(key: string, at: number): readonly number[] {
    return this.#series.get(key)?.until(Math.floor(at / SECOND_MS)) ?? [];
  }

  /** Averages over the last 2, 10 and 40 s up to `at`. */
  averages(key: string, at: number): readonly (number | undefined)[] {
    return averages(this.#series.get(key)?.until(Math.floor(at / SECOND_MS), Math.max(...AVERAGE_WINDOWS_S)) ?? []);
  }
}

/** Sums of rates by key: unknown until the first known rate. */
class Sums {
  readonly rates = new Map<string, number | undefined>();

  add(key: string, rate: number | undefined): void {
    const sum = this.rates.get(key);
    if (rate !== undefined) this.rates.set(key, (sum ?? 0) + rate);
    else if (sum === undefined) this.rates.set(key, undefined);
  }
}

export function connectionSeries(id: number): string {
  return `connection ${id}`;
}

export function agentSeries(key: string): string {
  return `agent ${key}`;
}

/** The key of a row's series. */
export function rowSeries(table: string, key: string | number, by: WorkloadGrouping): string {
  return `${table} ${table === 'workloads' ? `${by} ` : ''}${key}`;
}
