import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Deriver } from '../../../../../src/client/view/data/deriver.ts';
import { GraphPicture } from '../../../../../src/client/view/graph/picture.ts';
import { initialState } from '../../../../../src/client/view/state/state.ts';
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
