import type { Snapshot } from '../../model.ts';
import { each, type Steps } from './steps.ts';
import { rateOf } from './traffic.ts';

/** Ten minutes, one sample a second. */
const SAMPLES = 600;
const SECOND_MS = 1000;
const MOST_SERIES = 512;

interface Series {
  /** A ring by the second; NaN: unknown. */
  readonly rates: Float64Array;
  /** The second of the first sample, and of the last. */
  readonly first: number;
  last: number;
}

/**
 * Rates over time of what somebody looks at: connections on the screen, nodes, boxes and edges. One sample a second, ten
 * minutes back, for the series that were noted last: bounded, however many connections there are.
 */
export class History {
  /** In the order of their last sample, the oldest first. */
  readonly #series = new Map<string, Series>();

  /** `watched`: ids of connections on the screen. */
  *taking(snapshot: Snapshot, watched: ReadonlySet<number>): Steps<void> {
    const nodes = new Map<string, number>();
    yield* each(snapshot.connections, (connection) => {
      const rate = connection.stale ? undefined : rateOf(connection);
      if (watched.has(connection.id)) this.note(connectionKey(connection.id), snapshot.at, rate);
      if (rate === undefined) return;
      for (const { agent } of connection.hops) nodes.set(agent, (nodes.get(agent) ?? 0) + rate);
    });
    for (const { key } of snapshot.agents) this.note(agentKey(key), snapshot.at, nodes.get(key));
  }

  /** `at`: unix time in milliseconds; `rate`: bytes per second. The last one in a second counts. */
  note(key: string, at: number, rate: number | undefined): void {
    const second = Math.floor(at / SECOND_MS);
    let series = this.#series.get(key);
    if (series === undefined || second - series.last >= SAMPLES)
      series = { rates: new Float64Array(SAMPLES).fill(Number.NaN), first: second, last: second };
    for (let gap = series.last + 1; gap < second; gap++) series.rates[gap % SAMPLES] = Number.NaN;
    series.rates[second % SAMPLES] = rate ?? Number.NaN;
    series.last = Math.max(series.last, second);
    this.#series.delete(key);
    this.#series.set(key, series);
    if (this.#series.size <= MOST_SERIES) return;
    const [oldest] = this.#series.keys();
    if (oldest !== undefined) this.#series.delete(oldest);
  }

  /** Bytes per second, second by second, the oldest first; NaN where it is not known. */
  ratesOf(key: string): readonly number[] {
    const series = this.#series.get(key);
    if (series === undefined) return [];
    const { rates, first, last } = series;
    const from = Math.max(first, last - SAMPLES + 1);
    return Array.from({ length: last - from + 1 }, (_, i) => rates[(from + i) % SAMPLES] ?? Number.NaN);
  }
}

export function connectionKey(id: number): string {
  return `connection ${id}`;
}

export function agentKey(key: string): string {
  return `agent ${key}`;
}

const BARS = '▁▂▃▄▅▆▇█';

/** The last samples as bars, as many as fit: a blank where nothing is known, the lowest bar for no traffic. */
export function sparkline(rates: readonly number[], width: number): string {
  const shown = rates.slice(-width);
  const most = Math.max(...shown.filter((rate) => !Number.isNaN(rate)), 0);
  return shown
    .map((rate) =>
      Number.isNaN(rate) ? ' ' : BARS.charAt(most === 0 ? 0 : Math.min(7, Math.floor((rate / most) * 8))),
    )
    .join('');
}

/** Averages over the last 2, 10 and 40 seconds, as far back as samples go; absent where none is known. */
export function averages(rates: readonly number[]): readonly (number | undefined)[] {
  return [2, 10, 40].map((seconds) => {
    const part = rates.slice(-seconds).filter((rate) => !Number.isNaN(rate));
    return part.length === 0 ? undefined : part.reduce((sum, rate) => sum + rate, 0) / part.length;
  });
}
