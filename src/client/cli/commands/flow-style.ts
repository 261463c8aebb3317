import type { Connection } from '../../model/connection.ts';
import { sumRates } from '../../traffic/traffic.ts';
import { connectionStyle } from '../../tui/view-model/cell-styles.ts';

/** Rows look as they do in the console. */
export function flowStyle(rows: readonly Connection[]): ReturnType<typeof connectionStyle> {
  let maxRate = 0;
  for (const row of rows) maxRate = Math.max(maxRate, sumRates(row) ?? 0);
  return connectionStyle(maxRate);
}
