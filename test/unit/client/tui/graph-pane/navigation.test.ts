import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { edgeKey } from '../../../../../src/client/graph/graph.ts';
import { GraphPane } from '../../../../../src/client/tui/graph-pane/graph-pane.ts';
import {
  type DrawnGraph,
  firstBox,
  hitTest,
  lastBox,
  nearestBox,
  nextEdge,
} from '../../../../../src/client/tui/graph-pane/navigation.ts';
import { initialState } from '../../../../../src/client/tui/state.ts';
import { buildViewModelNow } from '../../../../../src/client/tui/view-model/view-model.ts';
import { cluster, shop } from './scenes.ts';

function sceneOf(snapshot: ReturnType<typeof shop>, width = 158, height = 46): DrawnGraph {
  const graphPane = new GraphPane();
  graphPane.draw(buildViewModelNow(snapshot, initialState()), width, height, undefined);
  return graphPane.drawn;
}

const DIRECTIONS = ['left', 'right', 'up', 'down'] as const;

describe('walking in the graph', () => {
  it('reaches every box from any', () => {
    for (const frame of [
      sceneOf(shop(2)),
      sceneOf(shop(3)),
      sceneOf(cluster(12)),
      sceneOf(cluster(100)),
      sceneOf(cluster(12), 78, 20),
    ]) {
      for (const { name } of frame.boxes) {
        const reached = new Set([name]);
        for (const here of reached)
          for (const direction of DIRECTIONS) {
            const next = nearestBox(frame, here, direction);
            if (next !== undefined) reached.add(next);
          }
        assert.equal(reached.size, frame.boxes.length, name);
      }
    }
  });

  it('goes to what is on that side, and from a line to its end there', () => {
    const frame = sceneOf(shop(2));
    const [left, right] = [firstBox(frame) ?? '', nearestBox(frame, firstBox(frame) ?? '', 'right') ?? ''];
    assert.equal(nearestBox(frame, right, 'left'), left);
    assert.equal(nearestBox(frame, `${left}\n${right}`, 'right'), right);
    assert.equal(nearestBox(frame, left, 'left'), undefined);
  });

  it('ends at the first and last box', () => {
    const frame = sceneOf(cluster(12));
    assert.notEqual(firstBox(frame), lastBox(frame));
    assert.equal(nearestBox(frame, firstBox(frame) ?? '', 'up'), undefined);
    assert.equal(nearestBox(frame, lastBox(frame) ?? '', 'down'), undefined);
  });

  it("goes round a box's lines, the heaviest first, in both directions", () => {
    const frame = sceneOf(cluster(12));
    const mine = frame.edges.filter(({ from, to }) => from === 'node-7' || to === 'node-7');
    assert.ok(mine.length > 2);
    let key: string | undefined = 'node-7';
    const seen: string[] = [];
    for (const _ of mine) {
      key = nextEdge(frame, key, 1);
      const [a = '', b = ''] = key?.split('\n') ?? [];
      assert.equal(a, 'node-7');
      seen.push(edgeKey(a, b));
    }
    assert.deepEqual(
      seen,
      mine.map(({ from, to }) => edgeKey(from, to)),
    );
    const again = nextEdge(frame, key, 1) ?? '';
    assert.equal(edgeKey(...(again.split('\n') as [string, string])), seen[0]);
    assert.equal(nextEdge(frame, again, -1), key);
  });

  it('knows the box and the line under a cell', () => {
    const frame = sceneOf(shop(2), 78, 20);
    for (const { name, x, y } of frame.boxes) assert.equal(hitTest(frame, x + 1, y + 1), name);
    const route = [...frame.routes][0];
    assert.ok(route);
    const [key, { curve }] = route;
    const middle = {
      x: (curve.from.x + 2 * curve.control.x + curve.to.x) / 8,
      y: (curve.from.y + 2 * curve.control.y + curve.to.y) / 16,
    };
    assert.equal(hitTest(frame, Math.floor(middle.x), Math.floor(middle.y)), key);
    assert.equal(hitTest(frame, 77, 0), undefined);
  });
});
