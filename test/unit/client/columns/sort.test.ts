import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Column } from '../../../../src/client/columns/column.ts';
import { LazyOrder, SortKeys, sortTop } from '../../../../src/client/columns/sort.ts';

interface Row {
  readonly at: number;
  readonly key: number | string | undefined;
}

const COLUMN: Column<Row> = {
  id: 'key',
  heading: 'KEY',
  help: '',
  align: 'left',
  width: 3,
  defaultDirection: 'ascending',
  cell: ({ key }) => String(key),
  sortKey: ({ key }) => key,
};
const CONTEXT = { names: true, now: 0 };

/** Array.sort, which is stable, as the meaning of it all. */
function sorted(rows: readonly Row[], direction: 'ascending' | 'descending'): Row[] {
  const sign = direction === 'ascending' ? 1 : -1;
  const known = rows.filter(({ key }) => key !== undefined && !Number.isNaN(key));
  const unknown = rows.filter((row) => !known.includes(row));
  return [
    ...known.toSorted((a, b) => {
      if (typeof a.key !== typeof b.key) return typeof a.key === 'number' ? -1 : 1;
      return (a.key as number) < (b.key as number) ? -sign : (a.key as number) > (b.key as number) ? sign : 0;
    }),
    ...unknown,
  ];
}

function rankingOf(rows: readonly Row[], way: 'ascending' | 'descending'): LazyOrder<Row> {
  const filled = new SortKeys(rows, COLUMN, CONTEXT);
  filled.fill(0, rows.length);
  return new LazyOrder(rows, filled.comparer(way));
}

const direction = fc.constantFrom('ascending' as const, 'descending' as const);
const numbers = fc.oneof(fc.integer({ min: 0, max: 5 }), fc.constant(undefined), fc.double());
const texts = fc.oneof(fc.constantFrom('a', 'b', 'c', 'B', ''), fc.constant(undefined));
const keys = fc.oneof(
  fc.array(numbers, { maxLength: 60 }),
  fc.array(texts, { maxLength: 60 }),
  fc.array(fc.oneof(numbers, texts), { maxLength: 60 }),
);

test('any windows, asked for in any order, are those of the sorted rows', () => {
  const windows = fc.array(fc.tuple(fc.nat({ max: 70 }), fc.nat({ max: 70 })), { minLength: 1, maxLength: 5 });
  fc.assert(
    fc.property(keys, direction, windows, (all, way, asked) => {
      const rows = all.map((key, at) => ({ key, at }));
      const expected = sorted(rows, way);
      const ranking = rankingOf(rows, way);
      for (const [offset, limit] of asked) {
        assert.deepEqual(ranking.window(offset, limit), expected.slice(offset, offset + limit));
        assert.deepEqual(sortTop(rows, COLUMN, way, CONTEXT, offset, limit), expected.slice(offset, offset + limit));
      }
    }),
    { numRuns: 1000 },
  );
});

test('the place of a row is where the sorted rows have it', () => {
  fc.assert(
    fc.property(keys, direction, (all, way) => {
      const rows = all.map((key, at) => ({ key, at }));
      const ranking = rankingOf(rows, way);
      assert.deepEqual(
        rows.map((_, index) => ranking.rankOf(index)),
        rows.map((row) => sorted(rows, way).indexOf(row)),
      );
    }),
  );
});

test('no usual order of the input makes it slow', () => {
  const count = 50_000;
  const shapes: Record<string, (i: number) => number> = {
    rising: (i) => i,
    falling: (i) => count - i,
    equal: () => 1,
    sawtooth: (i) => i % 7,
    organ: (i) => Math.min(i, count - i),
  };
  for (const [name, shape] of Object.entries(shapes)) {
    const rows = Array.from({ length: count }, (_, at) => ({ at, key: shape(at) }));
    let asked = 0;
    const column = {
      ...COLUMN,
      sortKey(row: Row) {
        asked++;
        return row.key;
      },
    };
    const started = performance.now();
    const window = sortTop(rows, column, 'descending', CONTEXT, 20_000, 50);
    assert.deepEqual(window, sorted2(rows).slice(20_000, 20_050), name);
    assert.equal(asked, count, 'keys are asked for once');
    assert.ok(performance.now() - started < 1000, name);
  }
});

function sorted2(rows: readonly { at: number; key: number }[]): { at: number; key: number }[] {
  return rows.toSorted((a, b) => b.key - a.key);
}
