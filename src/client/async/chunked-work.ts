/** Long work in small steps: between two of them, keys have their turn. */
export type ChunkedWork<Result> = Generator<undefined, Result>;

/** Rows a step: a fraction of a millisecond. */
const STRIDE = 512;

/** Does something with each row, a step for every so many. */
export function* forEachChunked<Row>(rows: readonly Row[], act: (row: Row, index: number) => void): ChunkedWork<void> {
  const { length } = rows;
  for (let from = 0; from < length; from += STRIDE) {
    const to = Math.min(length, from + STRIDE);
    for (let i = from; i < to; i++) act(rows[i] as Row, i);
    yield;
  }
}

export function* filterChunked<Row>(rows: readonly Row[], test: (row: Row) => boolean): ChunkedWork<Row[]> {
  const found: Row[] = [];
  yield* forEachChunked(rows, (row) => {
    if (test(row)) found.push(row);
  });
  return found;
}

/** All steps at once. */
export function runToEnd<Result>(steps: ChunkedWork<Result>): Result {
  for (;;) {
    const step = steps.next();
    if (step.done) return step.value;
  }
}

/** Continues until the time is up (by `performance.now()`). Gives the result if it came to its end. */
export function runUntil<Result>(steps: ChunkedWork<Result>, until: number): { readonly value: Result } | undefined {
  do {
    const step = steps.next();
    if (step.done) return { value: step.value };
  } while (performance.now() < until);
  return undefined;
}
