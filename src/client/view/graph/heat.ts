import type { Style } from '../text/style.ts';

/** How much of something a rate is, from 1 (little) to 5 (the heaviest), by orders of magnitude; 0: nothing or unknown. */
export function heat(rate: number | undefined, heaviest: number): number {
  if (rate === undefined || rate <= 0) return 0;
  if (heaviest <= 0) return 1;
  // Each step down is a factor of about five.
  return Math.max(1, Math.min(5, 5 - Math.floor(Math.log(heaviest / rate) / Math.log(5))));
}

const STYLES: readonly Style[] = ['rule', 'heat1', 'heat2', 'heat3', 'heat4', 'heat5'];

export function heatStyle(level: number): Style {
  return STYLES[level] ?? 'rule';
}
