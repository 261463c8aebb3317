import assert from 'node:assert/strict';
import { test } from 'node:test';
import { initialState } from '../../../../../src/client/tui/state.ts';
import { buildViewModelNow } from '../../../../../src/client/tui/view-model/view-model.ts';
import { connection, nodeParty, snapshot, unanswered } from '../fixtures.ts';

test('what is not answered has a sign where the state is not shown: nothing is reported by colour alone', () => {
  const pair = { source: nodeParty('a'), destination: nodeParty('b') };
  const table = buildViewModelNow(snapshot([unanswered(pair), connection(pair)]), initialState()).table('connections');
  const marks = (...shown: string[]) => [0, 1].map((row) => table.markAt(row, new Set(shown))).sort();
  assert.deepEqual(marks('source'), ['', '✗']);
  assert.deepEqual(marks('source', 'state'), ['', '']);
});
