import { OFFLOADED, UNKNOWN_VALUE } from '../../flow/columns.ts';
import type { FlowTable } from '../../flow/flow-table.ts';
import { growArray } from '../../flow/grow-array.ts';
import { MAX_RATE } from '../../limits.ts';
import type { ConntrackEntry } from '../conntrack/entry.ts';
import type { LastSeen } from './recently-removed.ts';

/** The counters and rates of a table's rows, and the time when each row was last read, in milliseconds of a monotonic clock. */
export class RowStats {
  readonly #table: FlowTable;
  #sampledAt = new Float64Array(0);

  constructor(table: FlowTable) {
    this.#table = table;
  }

  /** Reserves capacity for `slots` slots. */
  reserve(slots: number): void {
    if (slots > this.#sampledAt.length) this.#sampledAt = growArray(this.#sampledAt, slots);
  }

  sampledAt(slot: number): number {
    return this.#sampledAt[slot] as number;
  }

  /** Returns the current values of a row, in case its entry comes back. */
  lastSeen(slot: number, kernelId: number): LastSeen {
    const { columns } = this.#table;
    return {
      originalPackets: columns.originalPackets.get(slot),
      originalBytes: columns.originalBytes.get(slot),
      replyPackets: columns.replyPackets.get(slot),
      replyBytes: columns.replyBytes.get(slot),
      sampledAt: this.#sampledAt[slot] as number,
      kernelId,
    };
  }

  /** Begins a new row. `before`: its values `elapsedMs` ago; undefined: it had not begun. `elapsedMs` is NaN if unknown. */
  begin(
    slot: number,
    { counters }: ConntrackEntry,
    before: LastSeen | undefined,
    elapsedMs: number,
    now: number,
  ): void {
    const { columns } = this.#table;
    const seconds = elapsedMs / 1000;
    this.#sampledAt[slot] = now;
    columns.originalRate[slot] = rateBetween(before?.originalBytes ?? 0, counters[1] as number, seconds);
    columns.replyRate[slot] = rateBetween(before?.replyBytes ?? 0, counters[3] as number, seconds);
    this.#write(slot, counters);
  }

  /** Updates a known row whose counters did not change. */
  rest(slot: number, now: number): void {
    const { columns } = this.#table;
    this.#rate(slot, columns.originalBytes.get(slot), columns.replyBytes.get(slot), 0, now);
  }

  /** Updates a known row. */
  update(slot: number, { counters, flags }: ConntrackEntry, now: number): void {
    const { columns } = this.#table;
    this.#rate(slot, counters[1] as number, counters[3] as number, flags, now);
    const same =
      counters[0] === columns.originalPackets.get(slot) &&
      counters[1] === columns.originalBytes.get(slot) &&
      counters[2] === columns.replyPackets.get(slot) &&
      counters[3] === columns.replyBytes.get(slot);
    if (same || Number.isNaN(counters[1])) return;
    this.#write(slot, counters);
    this.#table.markStatsChanged(slot);
  }

  /**
   * Calculates rates from the bytes of the last poll, which are in the table, and the current ones. Traffic that a flow table
   * forwards is often not counted: if the counters of an offloaded flow do not change, its rate is unknown. `flags`: the current
   * flags.
   */
  #rate(slot: number, originalBytes: number, replyBytes: number, flags: number, now: number): void {
    const { columns } = this.#table;
    const seconds = (now - (this.#sampledAt[slot] as number)) / 1000;
    this.#sampledAt[slot] = now;
    if (seconds <= 0) return;
    const originalBefore = columns.originalBytes.get(slot);
    const replyBefore = columns.replyBytes.get(slot);
    const isUncounted =
      ((flags | (columns.flags[slot] as number)) & OFFLOADED) !== 0 &&
      originalBytes === originalBefore &&
      replyBytes === replyBefore;
    const originalRate = isUncounted ? UNKNOWN_VALUE : rateBetween(originalBefore, originalBytes, seconds);
    const replyRate = isUncounted ? UNKNOWN_VALUE : rateBetween(replyBefore, replyBytes, seconds);
    if (Object.is(originalRate, columns.originalRate[slot]) && Object.is(replyRate, columns.replyRate[slot])) return;
    columns.originalRate[slot] = originalRate;
    columns.replyRate[slot] = replyRate;
    this.#table.markStatsChanged(slot);
  }

  #write(slot: number, counters: Float64Array): void {
    const { columns } = this.#table;
    columns.originalPackets.set(slot, counters[0] as number);
    columns.originalBytes.set(slot, counters[1] as number);
    columns.replyPackets.set(slot, counters[2] as number);
    columns.replyBytes.set(slot, counters[3] as number);
  }
}

/** Returns bytes per second. Unknown if a counter is unknown or decreased, or if no time has passed. */
function rateBetween(before: number, now: number, seconds: number): number {
  const rate = (now - before) / seconds;
  // Round to the column's precision, so that rates can be compared.
  return rate >= 0 && rate <= MAX_RATE ? Math.fround(rate) : UNKNOWN_VALUE;
}
