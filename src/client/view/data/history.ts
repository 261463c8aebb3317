import type { Snapshot } from '../../model.ts';
import { rateOf } from './traffic.ts';

const MOST_SAMPLES = 600;
const MOST_SERIES = 512;

/**
 * Rates over time, of the connections that somebody looks at: one sample a second and ten minutes at most, for those that
 * were on the screen lately. Bounded, however many connections there are.
 */
export class History {
  readonly #series = new Map<number, { rates: number[]; seen: number }>();
  #lastAt = 0;

  /** `watched`: ids of connections on the screen. */
  take(snapshot: Snapshot, watched: ReadonlySet<number>): void {
    for (const id of watched) if (!this.#series.has(id)) this.#series.set(id, { rates: [], seen: snapshot.at });
    if (snapshot.at - this.#lastAt < 950) return;
    this.#lastAt = snapshot.at;
    for (const connection of snapshot.connections) {
      const series = this.#series.get(connection.id);
      if (series === undefined) continue;
      const rate = rateOf(connection);
      if (rate !== undefined) series.rates.push(rate);
      if (series.rates.length > MOST_SAMPLES) series.rates.shift();
      if (watched.has(connection.id)) series.seen = snapshot.at;
    }
    if (this.#series.size <= MOST_SERIES) return;
    const oldest = [...this.#series].sort(([, a], [, b]) => a.seen - b.seen).slice(0, this.#series.size - MOST_SERIES);
    for (const [id] of oldest) this.#series.delete(id);
  }

  /** Bytes per second, the oldest first. */
  ratesOf(id: number): readonly number[] {
    return this.#series.get(id)?.rates ?? [];
  }
}

const BARS = '▁▂▃▄▅▆▇█';

/** The last samples as bars, as many as fit. */
export function sparkline(rates: readonly number[], width: number): string {
  const shown = rates.slice(-width);
  const most = Math.max(...shown, 0);
  if (most === 0) return BARS.charAt(0).repeat(shown.length);
  return shown.map((rate) => BARS.charAt(Math.min(7, Math.floor((rate / most) * 7.999)))).join('');
}

/** Averages over the last 2, 10 and 40 seconds; absent where there are no samples. */
export function averages(rates: readonly number[]): readonly (number | undefined)[] {
  return [2, 10, 40].map((seconds) => {
    const part = rates.slice(-seconds);
    return part.length === 0 ? undefined : part.reduce((sum, rate) => sum + rate, 0) / part.length;
  });
}
