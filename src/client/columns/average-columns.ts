import { formatRate } from '../format/numbers.ts';
import { SPANS } from '../traffic/rate-series.ts';
import type { Column } from './column.ts';

/** Averages of a row's rate over 2, 10 and 40 s. `of` gives all three; undefined: not known. */
export function averageColumns<Row>(of: (row: Row) => readonly (number | undefined)[]): Column<Row>[] {
  return SPANS.map((seconds, i) => ({
    id: `average-${seconds}`,
    heading: `${seconds} S`,
    help: `bytes per second in both directions, on average over the last ${seconds} s, as far as they were seen`,
    align: 'right',
    width: 9,
    spare: 2.3,
    wide: true,
    first: 'descending',
    text: (row) => formatRate(of(row)[i]),
    key: (row) => of(row)[i],
  }));
}

/** They come first of what `w` adds: a screen is seldom wide enough for all. */
export function withAverages<Row>(columns: readonly Column<Row>[], averages: readonly Column<Row>[]): Column<Row>[] {
  const isWide = ({ wide = false }: Column<Row>) => wide;
  return [...columns.filter((column) => !isWide(column)), ...averages, ...columns.filter(isWide)];
}
