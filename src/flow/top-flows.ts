import type { FlowColumns } from './columns.ts';

/** The flows that a limit on their number left out. */
export interface OtherFlows {
  readonly flows: number;
  /** Both directions. Absent: no rate is known. */
  readonly bytesPerSecond?: number;
}

/** Returns at most `most` rows: those with the highest rates, in their original order. Unknown rates rank below 0. */
export function selectTopFlows(
  columns: FlowColumns,
  slots: number[],
  most: number,
): { chosen: number[]; others: OtherFlows } {
  const excess = slots.length - most;
  if (excess <= 0) return { chosen: slots, others: { flows: 0, bytesPerSecond: 0 } };
  const rates = new Float64Array(slots.length);
  for (let i = 0; i < slots.length; i++) {
    const rate = columns.rate(slots[i] as number);
    rates[i] = Number.isNaN(rate) ? -1 : rate;
  }
  const bound = nthSmallest(rates.slice(), excess);
  const chosen: number[] = [];
  // Of the rows with exactly the rate `bound`, take those in the lowest slots that still fit, so that the selection is stable.
  let atBound = most;
  for (let i = 0; i < rates.length; i++) if ((rates[i] as number) > bound) atBound--;
  let left = 0;
  let known = false;
  for (let i = 0; i < rates.length; i++) {
    const rate = rates[i] as number;
    if (rate > bound || (rate === bound && atBound-- > 0)) chosen.push(slots[i] as number);
    else if (rate >= 0) {
      known = true;
      left += rate;
    }
  }
  return { chosen, others: { flows: excess, ...(known ? { bytesPerSecond: left } : {}) } };
}

/**
 * Returns the value that a sort would put at `index`. It reorders `values`. A full sort would hold the event loop too long. Equal
 * values, as most rates are, cost one pass.
 */
export function nthSmallest(values: Float64Array, index: number): number {
  let low = 0;
  let high = values.length - 1;
  while (low < high) {
    const pivot = values[low + ((Math.random() * (high - low + 1)) | 0)] as number;
    let less = low;
    let more = high;
    for (let at = low; at <= more; ) {
      const value = values[at] as number;
      if (value < pivot) {
        values[at++] = values[less] as number;
        values[less++] = value;
      } else if (value > pivot) {
        values[at] = values[more] as number;
        values[more--] = value;
      } else at++;
    }
    if (index < less) high = less - 1;
    else if (index > more) low = more + 1;
    else return pivot;
  }
  return values[low] as number;
}
