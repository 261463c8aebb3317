import { formatAge, formatRate } from '../../format/numbers.ts';
import { AVERAGE_WINDOWS_S, averages } from '../../traffic/rate-series.ts';
import { type Line, span } from '../text/line.ts';
import { sparkline } from '../text/sparkline.ts';

/** Fewer bars are not readable. */
const MIN_BARS = 10;

/**
 * The last ten minutes at most, the value of the highest bar, and averages over the last 2, 10 and 40 seconds. If
 * there is little room, the highest value is dropped; with even less, the averages get their own line.
 */
export function renderRateChart(rates: readonly number[], width: number): Line[] {
  if (rates.every((rate) => Number.isNaN(rate))) return [];
  const means = averages(rates).map((rate, i) => `${AVERAGE_WINDOWS_S[i]} s ${formatRate(rate)}`);
  const reach = formatAge(rates.length);
  const averaged = means.join('   ');
  const besideColumns = width - HEADING - reach.length - 1 - 3 - averaged.length;
  const bars = (room: number, most: boolean): Line => {
    const chart = sparkline(rates, room);
    return [
      span('rate     ', 'heading'),
      span(chart.text, 'heat3'),
      span(` ${reach}${most ? `, most ${formatRate(chart.most)}` : ''}`, 'dim'),
    ];
  };
  if (besideColumns < MIN_BARS)
    return [
      bars(Math.max(1, width - HEADING - reach.length - 1), false),
      [span('average  ', 'heading'), span(averaged)],
    ];
  const most = besideColumns - MAX_WIDTH >= MIN_BARS;
  return [[...bars(most ? besideColumns - MAX_WIDTH : besideColumns, most), span(`   ${averaged}`)]];
}

const HEADING = 9;
/** ", most 1.23 MB/s" */
const MAX_WIDTH = 16;
