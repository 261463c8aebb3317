import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { AGENT_COLUMNS } from '../../../../../src/client/columns/agent-columns.ts';
import { averageColumns, withAverages } from '../../../../../src/client/columns/average-columns.ts';
import { CONNECTION_COLUMNS } from '../../../../../src/client/columns/connection-columns.ts';
import { NODE_COLUMNS } from '../../../../../src/client/columns/node-columns.ts';
import { PROBLEM_COLUMNS } from '../../../../../src/client/columns/problem-columns.ts';
import { SERVICE_COLUMNS } from '../../../../../src/client/columns/service-columns.ts';
import { fitColumns, maxColumnOffset, shownColumns } from '../../../../../src/client/tui/view-model/fit-columns.ts';
import type { ColumnInfo } from '../../../../../src/client/tui/view-model/table-view.ts';

const narrow = CONNECTION_COLUMNS.filter(({ wide }) => !wide);
const sum = CONNECTION_COLUMNS.find(({ id }) => id === 'rate');
assert(sum !== undefined);
const connections: readonly ColumnInfo[] = [...narrow, sum];

function ids(columns: readonly ColumnInfo[], width: number, sortedBy: string): (string | undefined)[] {
  return fitColumns(columns, width, sortedBy).map(({ at }) => columns[at]?.id);
}

test('with room for all, all are there, and names take what is left over', () => {
  const fitted = fitColumns(connections, 200, 'rate');
  assert.deepEqual(
    fitted.map(({ at }) => connections[at]?.id),
    narrow.map(({ id }) => id),
  );
  assert.equal(
    fitted.reduce((total, { cells }) => total + cells + 1, -1),
    200,
  );
});

test('on 120 cells names have room before totals, ages and nodes', () => {
  const fitted = fitColumns(connections, 117, 'rate');
  const shown = fitted.map(({ at }) => connections[at]?.id);
  assert.deepEqual(shown, ['source', 'destination', 'via', 'proto', 'port', 'state', 'out', 'in']);
  assert.ok((fitted[0]?.cells ?? 0) >= 22);
});

test('on 80 cells the ends, port, state and rates stay', () => {
  assert.deepEqual(ids(connections, 77, 'rate'), ['source', 'destination', 'port', 'state', 'out', 'in']);
});

const wide: readonly ColumnInfo[] = withAverages(
  CONNECTION_COLUMNS,
  averageColumns(() => []),
);

function scrolled(width: number, left: number): (string | undefined)[] {
  return shownColumns(wide, width, { sortedBy: 'rate', wide: true, left }).map(({ at }) => wide[at]?.id);
}

test('wide, no column takes the place of another: those of the plain table are all there at 160', () => {
  const plain = narrow.map(({ id }) => id);
  assert.deepEqual(scrolled(157, 0).slice(0, plain.length), plain);
});

test('every wide column can be scrolled to, at any width, and the first stays', () => {
  for (let width = 37; width <= 400; width += 11) {
    const seen = new Set<string | undefined>();
    const most = maxColumnOffset(wide, width);
    for (let left = 0; left <= most + 3; left++) {
      const shown = shownColumns(wide, width, { sortedBy: 'rate', wide: true, left });
      assert.equal(shown[0]?.at, 0);
      assert(shown.reduce((sum, { cells }) => sum + cells + 1, -1) <= width, `${width} ${left}`);
      for (const { at } of shown) seen.add(wide[at]?.id);
    }
    // The sum may be reported by its parts.
    for (const { id } of wide) assert(seen.has(id) || id === 'rate', `${id} at ${width}`);
  }
});

test('on 40 cells the sum of the rates takes the place of both', () => {
  assert.deepEqual(ids(connections, 37, 'rate'), ['source', 'destination', 'rate']);
});

test('what rows are sorted by is always there, in no more cells than there are', () => {
  const tables: readonly (readonly ColumnInfo[])[] = [
    connections,
    AGENT_COLUMNS,
    NODE_COLUMNS,
    PROBLEM_COLUMNS,
    SERVICE_COLUMNS,
  ];
  fc.assert(
    fc.property(fc.constantFrom(...tables), fc.integer({ min: 37, max: 300 }), fc.nat(), (columns, width, choice) => {
      const sortedBy = columns[choice % columns.length];
      const fitted = fitColumns(columns, width, sortedBy?.id ?? '');
      const shown = fitted.map(({ at }) => columns[at]?.id ?? '');
      const isShown = shown.includes(sortedBy?.id ?? '') || sortedBy?.sumOf?.every((part) => shown.includes(part));
      const used = fitted.reduce((total, { cells }) => total + cells + 1, -1);
      return isShown === true && used <= width && fitted.every(({ cells }) => cells > 0);
    }),
  );
});
