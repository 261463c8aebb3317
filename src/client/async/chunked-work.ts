/** Long work in small steps: keys are handled between two steps. */
export type ChunkedWork<Result> = Generator<undefined, Result>;

/** Rows per step, which takes a fraction of a millisecond. */
const STRIDE = 512;

/** Calls `act` with each row; `STRIDE` rows make a step. */
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

/** Runs until this time (of `performance.now()`). Returns the result if the work is complete. */
export function runUntil<Result>(steps: ChunkedWork<Result>, until: number): { readonly value: Result } | undefined {
  do {
    const step = steps.next();
    if (step.done) return { value: step.value };
  } while (performance.now() < until);
  return undefined;
}
