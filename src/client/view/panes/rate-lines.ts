import { formatAge, formatRate } from '../../table/format.ts';
import { type Line, span } from '../text/line.ts';
import { averages, SPANS, sparkline } from '../text/sparkline.ts';

/** The last ten minutes at most, what the highest bar stands for, and averages over the last 2, 10 and 40 seconds. */
export function rateLines(rates: readonly number[], width: number): Line[] {
  if (rates.every((rate) => Number.isNaN(rate))) return [];
  const means = averages(rates).map((rate, i) => `${SPANS[i]} s ${formatRate(rate)}`);
  const reach = formatAge(rates.length);
  const room = Math.max(8, width - 13 - means.join('   ').length - reach.length - 17);
  const { text, most } = sparkline(rates, room);
  return [
    [
      span('rate     ', 'heading'),
      span(text, 'heat3'),
      span(` ${reach}, most ${formatRate(most)}`, 'dim'),
      span(`   ${means.join('   ')}`),
    ],
  ];
}
