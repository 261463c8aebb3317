import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { DrawnGraph } from '../../../../../src/client/tui/graph-pane/navigation.ts';
import { graphKey, moveSelection, selectInGraph } from '../../../../../src/client/tui/input/graph-cursor.ts';
import { initialState } from '../../../../../src/client/tui/state.ts';

/** Four boxes in a row, from the left to the right. */
const ROW: DrawnGraph = {
  graph: { boxes: new Map(), edges: new Map(), collapsed: 0 },
  edges: [],
  boxes: ['a', 'b', 'c', 'd'].map((name, i) => ({ name, x: i * 20, y: 0, width: 15, height: 4 })),
  routes: new Map(),
};

test('a count moves so many boxes, and stops at the last one', () => {
  const from = (key: string) => selectInGraph(initialState(), key);
  const to = (key: string, way: 'left' | 'right', count?: number) => {
    const moved = moveSelection(from(key), ROW, way, count);
    return moved && graphKey(moved);
  };
  assert.equal(to('a', 'right'), 'b');
  assert.equal(to('a', 'right', 2), 'c');
  assert.equal(to('a', 'right', 1e9), 'd');
  assert.equal(to('d', 'left', 3), 'a');
  assert.equal(to('d', 'right', 3), undefined);
});
