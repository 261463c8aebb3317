import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Snapshot } from '../../../../src/client/model/snapshot.ts';
import { ProblemMonitor } from '../../../../src/client/problems/problem-monitor.ts';
import { formatProblems, Scene } from './scene.ts';

const EMPTY: Snapshot = { at: 1000, origin: 'a test', agents: [], connections: [], notices: [] };

test('the same snapshot always gets the same answer', () => {
  const watch = new ProblemMonitor();
  const first = watch.of(EMPTY);
  watch.of({ ...EMPTY, at: 9000 });
  assert.equal(watch.of(EMPTY), first);
});

test('what is worse comes first', () => {
  const scene = new Scene('node1', 'node2');
  scene.agent('node2', { status: { kind: 'lost', reason: 'killed', retryAt: 0 } });
  scene.syn();
  assert.deepEqual(
    scene.pass(2).map(({ severity }) => severity),
    [3, 2],
  );
});

test('when time goes back, what was seen is forgotten', () => {
  const scene = new Scene();
  scene.idleServices = ['shop/web'];
  assert.equal(formatProblems(scene.pass(3)).length, 1);
  scene.now -= 60_000;
  assert.deepEqual(formatProblems(scene.look()), []);
  assert.equal(formatProblems(scene.pass(3)).length, 1);
});
