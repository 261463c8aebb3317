import { formatRate } from '../format/numbers.ts';
import { AVERAGE_WINDOWS_S } from '../traffic/rate-series.ts';
import type { Column } from './column.ts';

/** Averages of a row's rate over 2, 10 and 40 s. `of` gives all three; undefined: not known. */
export function averageColumns<Row>(of: (row: Row) => readonly (number | undefined)[]): Column<Row>[] {
  return AVERAGE_WINDOWS_S.map((seconds, i) => ({
    id: `average-${seconds}`,
    heading: `${seconds} S`,
    help: `bytes per second in both directions, on average over the last ${seconds} s, as far as they were seen`,
    align: 'right',
    width: 9,
    dropPriority: 2.3,
    wide: true,
    defaultDirection: 'descending',
    cell: (row) => formatRate(of(row)[i]),
    sortKey: (row) => of(row)[i],
  }));
}

/** Averages come first among the columns of `w`: a screen is rarely wide enough for all. */
export function withAverages<Row>(columns: readonly Column<Row>[], averages: readonly Column<Row>[]): Column<Row>[] {
  const isWide = ({ wide = false }: Column<Row>) => wide;
  return [...columns.filter((column) => !isWide(column)), ...averages, ...columns.filter(isWide)];
}
