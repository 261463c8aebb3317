import type { CellContext, Column } from './column.ts';

export type SortDirection = 'ascending' | 'descending';

/**
 * The order of rows by a column. Only the requested window is sorted: a window of 100,000 rows takes a few
 * milliseconds. Rows with equal keys keep the order in which they were given; unknown keys come last in either direction.
 */
export class LazyOrder<Row> {
  readonly #rows: readonly Row[];
  readonly #compare: (a: number, b: number) => number;
  /** Row numbers; partly sorted by earlier windows. */
  readonly #order: Uint32Array;

  /** `compare` is a total order of row numbers. */
  constructor(rows: readonly Row[], compare: (a: number, b: number) => number) {
    this.#rows = rows;
    this.#compare = compare;
    this.#order = Uint32Array.from(rows, (_, i) => i);
  }

  /** The rows from place `offset` on, `limit` at most, in order. */
  window(offset: number, limit: number): Row[] {
    const from = Math.max(0, Math.min(offset, this.#rows.length));
    const to = Math.max(from, Math.min(offset + limit, this.#rows.length));
    if (to === from) return [];
    partition(this.#order, from, 0, this.#order.length, this.#compare);
    partition(this.#order, to, from, this.#order.length, this.#compare);
    const window = this.#order.subarray(from, to).sort(this.#compare);
    return Array.from(window, (i) => this.#rows[i] as Row);
  }

  /** Sorts all rows, for callers that need all of them. */
  sortAll(): void {
    this.#order.sort(this.#compare);
  }

  /** The rank of row `index`: how many rows come before it. */
  rankOf(index: number): number {
    let before = 0;
    for (let i = 0; i < this.#rows.length; i++) if (i !== index && this.#compare(i, index) < 0) before++;
    return before;
  }
}

/** The rows from place `offset` on, `limit` at most, of all rows in order of the column. */
export function sortTop<Row>(
  rows: readonly Row[],
  column: Column<Row>,
  direction: SortDirection,
  context: CellContext,
  offset: number,
  limit: number,
): Row[] {
  const keys = new SortKeys(rows, column, context);
  keys.fill(0, rows.length);
  return new LazyOrder(rows, keys.comparer(direction)).window(offset, limit);
}

/** The sort keys, computed once per row. Texts come after numbers, and unknown keys last. */
export class SortKeys<Row> {
  readonly #rows: readonly Row[];
  readonly #column: Column<Row>;
  readonly #context: CellContext;
  readonly #numbers: Float64Array;
  #texts: (string | undefined)[] | undefined;

  constructor(rows: readonly Row[], column: Column<Row>, context: CellContext) {
    this.#rows = rows;
    this.#column = column;
    this.#context = context;
    this.#numbers = new Float64Array(rows.length);
  }

  /** Call this for all rows, in ranges of any size, before using a comparer. */
  fill(from: number, to: number): void {
    for (let i = from; i < to; i++) {
      const key = this.#column.sortKey(this.#rows[i] as Row, this.#context);
      if (typeof key === 'string') {
        this.#texts ??= new Array<string | undefined>(this.#rows.length);
        this.#texts[i] = key;
        this.#numbers[i] = Number.NaN;
      } else this.#numbers[i] = key ?? Number.NaN;
    }
  }

  /** A total order of row numbers. `tie` orders rows with equal keys. */
  comparer(
    direction: SortDirection,
    tie: (a: number, b: number) => number = (a, b) => a - b,
  ): (a: number, b: number) => number {
    const sign = direction === 'ascending' ? 1 : -1;
    const numbers = this.#numbers;
    const byNumber = (a: number, b: number): number => {
      const one = numbers[a] as number;
      const other = numbers[b] as number;
      if (one < other) return -sign;
      if (one > other) return sign;
      if (one === other) return tie(a, b);
      return Number(Number.isNaN(one)) - Number(Number.isNaN(other)) || tie(a, b);
    };
    if (this.#texts === undefined) return byNumber;
    const texts = this.#texts;
    return (a, b) => {
      const one = texts[a];
      const other = texts[b];
      if (one === undefined || other === undefined) {
        // A number, which comes before texts, or unknown, which comes after.
        if (one === other) return byNumber(a, b);
        const isUnknown = Number.isNaN(numbers[one === undefined ? a : b] as number);
        return (one === undefined) === isUnknown ? 1 : -1;
      }
      return one < other ? -sign : one > other ? sign : tie(a, b);
    };
  }
}

/** Reorders `order` between `low` and `high` so that the rows that belong before place `at` come before it. */
function partition(
  order: Uint32Array,
  at: number,
  low: number,
  high: number,
  compare: (a: number, b: number) => number,
): void {
  let from = low;
  let to = high - 1;
  while (from < to && at > from && at <= to) {
    const pivot = median(order, from, to, compare);
    let i = from;
    let j = to;
    while (i <= j) {
      while (compare(order[i] as number, pivot) < 0) i++;
      while (compare(order[j] as number, pivot) > 0) j--;
      if (i > j) break;
      const swapped = order[i] as number;
      order[i] = order[j] as number;
      order[j] = swapped;
      i++;
      j--;
    }
    if (at <= j) to = j;
    else if (at >= i) from = i;
    else return;
  }
}

/** The median of nine places spread over the range, so that no common input order is slow. */
function median(order: Uint32Array, from: number, to: number, compare: (a: number, b: number) => number): number {
  const step = (to - from) / 8;
  const sample = Array.from({ length: 9 }, (_, i) => order[from + Math.floor(step * i)] as number).sort(compare);
  return sample[4] as number;
}
