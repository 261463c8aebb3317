import assert from 'node:assert/strict';
import { test } from 'node:test';
import { GraphPicture } from '../../../../../src/client/tui/graph-pane/graph-pane.ts';
import { initialState } from '../../../../../src/client/tui/state.ts';
import { Deriver } from '../../../../../src/client/tui/view-model/view-model-builder.ts';
import { connection, snapshot } from '../fixtures.ts';

test('until the first snapshot is made, nothing is said of what is there', async () => {
  const state = initialState();
  const wanted = { tables: ['connections', 'nodes'], graph: true } as const;
  const many = snapshot(Array.from({ length: 60_000 }, () => connection()));
  await new Promise<void>((resolve) => {
    const deriver: Deriver = new Deriver(state, new GraphPicture(), () => {
      const { snapshot: shown } = deriver.derived(state, wanted);
      assert.equal(shown, many);
      assert.equal(deriver.isWaiting, false);
      deriver.stop();
      resolve();
    });
    assert.equal(deriver.isWaiting, true);
    deriver.take(many);
    // So many take longer than a key may wait.
    assert.notEqual(deriver.derived(state, wanted).snapshot, many);
    assert.equal(deriver.isWaiting, true);
  });
});
