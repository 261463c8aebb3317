import assert from 'node:assert/strict';
import { test } from 'node:test';
import { GraphPane } from '../../../../../src/client/tui/graph-pane/graph-pane.ts';
import { initialState } from '../../../../../src/client/tui/state.ts';
import { Summaries } from '../../../../../src/client/tui/view-model/summaries.ts';
import { ViewModelBuilder } from '../../../../../src/client/tui/view-model/view-model-builder.ts';
import { connection, snapshot } from '../fixtures.ts';

test('until the first snapshot is made, nothing is said of what is there', async () => {
  const state = initialState();
  const wanted = { tables: ['connections', 'nodes'], graph: true } as const;
  const many = snapshot(Array.from({ length: 60_000 }, () => connection()));
  await new Promise<void>((resolve) => {
    const builder: ViewModelBuilder = new ViewModelBuilder(state, new GraphPane(), new Summaries(), () => {
      const { snapshot: shown } = builder.request(state, wanted);
      assert.equal(shown, many);
      assert.equal(builder.isWaiting, false);
      builder.stop();
      resolve();
    });
    assert.equal(builder.isWaiting, true);
    builder.setSnapshot(many);
    // So many take longer than a key may wait.
    assert.notEqual(builder.request(state, wanted).snapshot, many);
    assert.equal(builder.isWaiting, true);
  });
});
