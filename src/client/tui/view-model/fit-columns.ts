import type { TableView } from './table-view.ts';

type Columns = TableView['columnsAndSort'];

export interface FittedColumn {
  /** Its index among all columns. */
  readonly at: number;
  readonly cells: number;
}

const GAP = 1;
/** Columns with at least this drop priority are dropped before others shrink. */
const EASILY = 2.5;

/**
 * The columns that fit, with their widths. If not all fit, columns are dropped by priority, then those at the
 * right; the sort column, or the parts of its sum, stays. Remaining width goes first to columns that
 * had to shrink, then to those with `grow`.
 */
export function fitColumns(columns: Columns, width: number, sortedBy: string): FittedColumn[] {
  const sorted = columns.findIndex(({ id }) => id === sortedBy);
  const parts = columns[sorted]?.sumOf ?? [];
  const isPart = (at: number) => parts.includes(columns[at]?.id ?? '');
  const all = columns.map((_, at) => at);
  if (columns[sorted]?.wide !== true || parts.length === 0)
    return spread(columns, keep(columns, all, width, sorted), width);
  const inParts = keep(
    columns,
    all.filter((at) => at !== sorted),
    width,
    -1,
  );
  if (inParts.filter(isPart).length === parts.length) return spread(columns, inParts, width);
  const whole = all.filter((at) => !isPart(at));
  return spread(columns, keep(columns, whole, width, sorted), width);
}

export interface ColumnsView {
  readonly sortedBy: string;
  /** All columns (`w`): none is dropped; those that do not fit are to the right. */
  readonly wide: boolean;
  /** How many columns after the first are scrolled away to the left. */
  readonly left: number;
}

/** The columns on the screen: as many as fit by priority; or, scrolled or wide, in their order. */
export function shownColumns(columns: Columns, width: number, { sortedBy, wide, left }: ColumnsView): FittedColumn[] {
  const isWhole = needed(columns, [...columns.keys()], preferredWidth) <= width;
  if (isWhole || (left === 0 && !wide)) return fitColumns(columns, width, sortedBy);
  return inOrder(columns, width, Math.min(left, maxColumnOffset(columns, width)));
}

/** The maximum scroll offset: the last column is then visible. */
export function maxColumnOffset(columns: Columns, width: number): number {
  if (needed(columns, [...columns.keys()], preferredWidth) <= width) return 0;
  const last = columns.length - 1;
  for (let left = 0; left < last; left++) if (inOrder(columns, width, left).some(({ at }) => at === last)) return left;
  return Math.max(0, last - 1);
}

/** The first column, which identifies rows, and as many as fit from the scroll offset on. */
function inOrder(columns: Columns, width: number, left: number): FittedColumn[] {
  const kept = [0];
  for (let at = 1 + left; at < columns.length; at++) {
    const room = kept.length === 1 ? minWidthOf : preferredWidth;
    if (kept.length > 1 && needed(columns, [...kept, at], room) > width) break;
    kept.push(at);
  }
  return spread(columns, kept, width);
}

/** The minimum width of a column, including its heading with the sort mark. */
function minWidthOf({ width, minWidth = width, heading }: Columns[number]): number {
  return Math.max(minWidth, heading.length + 1);
}

function preferredWidth(column: Columns[number]): number {
  return Math.max(column.width, minWidthOf(column));
}

function needed(columns: Columns, kept: readonly number[], room = minWidthOf): number {
  return kept.reduce((sum, at) => sum + room(columns[at] as Columns[number]) + GAP, -GAP);
}

function keep(columns: Columns, all: readonly number[], width: number, always: number): number[] {
  let kept = [...all];
  const spare = all.filter((at) => at !== always && columns[at]?.dropPriority !== undefined);
  // Of equal priority, the right one is dropped first.
  spare.sort((a, b) => (columns[b]?.dropPriority ?? 0) - (columns[a]?.dropPriority ?? 0) || b - a);
  for (const at of spare) {
    const isEasy = (columns[at]?.dropPriority ?? 0) >= EASILY;
    if (needed(columns, kept, isEasy ? preferredWidth : minWidthOf) <= width) continue;
    kept = kept.filter((one) => one !== at);
  }
  while (kept.length > 1 && needed(columns, kept) > width) {
    const last = kept.findLastIndex((at) => at !== always);
    kept.splice(last, 1);
  }
  return kept;
}

function spread(columns: Columns, kept: readonly number[], width: number): FittedColumn[] {
  const least = kept.map((at) => minWidthOf(columns[at] as Columns[number]));
  const wanted = kept.map((at, i) => Math.max(0, (columns[at]?.width ?? 0) - (least[i] ?? 0)));
  const growth = kept.map((at) => columns[at]?.grow ?? 0);
  const over = Math.max(0, width - needed(columns, kept));
  const back = share(Math.min(over, sum(wanted)), wanted);
  const grown = share(over - sum(back), growth);
  return kept.map((at, i) => ({ at, cells: Math.min(width, (least[i] ?? 0) + (back[i] ?? 0) + (grown[i] ?? 0)) }));
}

/** Splits `amount` into integers by weight; the remainder goes to the first. */
function share(amount: number, weights: readonly number[]): number[] {
  const total = sum(weights);
  if (total === 0) return weights.map(() => 0);
  const shares = weights.map((weight) => Math.floor((amount * weight) / total));
  let rest = amount - sum(shares);
  return shares.map((one, i) => (rest > 0 && (weights[i] ?? 0) > 0 && rest-- > 0 ? one + 1 : one));
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, one) => total + one, 0);
}
