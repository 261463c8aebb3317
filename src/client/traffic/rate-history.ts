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
/** 2.4 kB each. */
const MAX_SERIES = 4096;
/** Up to so many connections, the history of workloads and services is kept though nobody looks at them. */
const MAX_TRACKED_CONNECTIONS = 20_000;

/**
 * Rates over time, ten minutes back, of all that somebody may select: nodes, boxes and lines always; connections,
 * workloads and services all of them where they are few, else those that are on the screen and the heaviest. Bounded,
 * however many there are: what was noted longest ago gives way.
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

  /** Once a second is enough. `watched`: ids of connections on the screen; `talkersBy`: what workloads are summed up by. */
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

  /** Connections are few: the sums of all workloads, services, boxes and lines are noted, whatever is on the screen. */
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

  /** Notes a row that is on the screen, of a table of sums that is not kept all the time. */
  addShownSample(
    table: string,
    key: string | number,
    by: WorkloadGrouping,
    at: number,
    rate: number | undefined,
  ): void {
    if (!this.#keepsSums) this.addSample(rowSeries(table, key, by), at, rate);
  }

  /** Bytes per second, second by second up to `at`, the oldest first; NaN where it is not known. */
  rates(key: string, at: number): readonly number[] {
    return this.#series.get(key)?.until(Math.floor(at / SECOND_MS)) ?? [];
  }

  /** Over the last 2, 10 and 40 s up to `at`. */
  averages(key: string, at: number): readonly (number | undefined)[] {
    return averages(this.#series.get(key)?.until(Math.floor(at / SECOND_MS), Math.max(...AVERAGE_WINDOWS_S)) ?? []);
  }
}

/** Sums of rates by key: unknown until the first that is known. */
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

/** The name of the rates of a row of a table of sums. */
export function rowSeries(table: string, key: string | number, by: WorkloadGrouping): string {
  return `${table} ${table === 'workloads' ? `${by} ` : ''}${key}`;
}
