import { MAX_SAMPLES, mean } from '../../traffic/rate-series.ts';

const BARS = '▁▂▃▄▅▆▇█';

/**
 * Rates as bars in `width` cells, the newest at the right: a blank is unknown, the lowest bar is no traffic.
 * If there are more samples than cells, they are averaged, so that the whole time is visible. `most` is the value of the highest bar.
 */
export function sparkline(rates: readonly number[], width: number): { readonly text: string; readonly most: number } {
  const each = Math.max(1, Math.ceil(Math.min(rates.length, MAX_SAMPLES) / Math.max(1, width)));
  const cells: number[] = [];
  // From the newest back: the oldest cell may have fewer samples.
  for (let end = rates.length; end > 0 && cells.length < width; end -= each)
    cells.unshift(mean(rates.slice(Math.max(0, end - each), end)) ?? Number.NaN);
  const most = Math.max(0, ...cells.filter((rate) => !Number.isNaN(rate)));
  const text = cells
    .map((rate) => {
      if (Number.isNaN(rate)) return ' ';
      return BARS.charAt(most === 0 ? 0 : Math.min(BARS.length - 1, Math.floor((rate / most) * BARS.length)));
    })
    .join('');
  return { text, most };
}
