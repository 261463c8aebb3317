import type { Connection } from '../model.ts';
import { connectionStyle } from '../view/data/cell-styles.ts';
import { rateOf } from '../view/data/traffic.ts';

/** Rows look as they do in the console. */
export function flowStyle(rows: readonly Connection[]): ReturnType<typeof connectionStyle> {
  let heaviest = 0;
  for (const row of rows) heaviest = Math.max(heaviest, rateOf(row) ?? 0);
  return connectionStyle(heaviest);
}
