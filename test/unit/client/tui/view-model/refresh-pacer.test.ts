import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { RefreshPacer } from '../../../../../src/client/tui/view-model/refresh-pacer.ts';

test('it begins again only after a rest, but in time for what has come', () => {
  const pace = new RefreshPacer();
  pace.snapshotArrived(0);
  assert.ok(pace.dueAt <= 0);
  pace.workStarted(0);
  pace.workDone(100);
  pace.timeSpent(100, 100);
  assert.equal(pace.behindMs(100), 0);
  pace.snapshotArrived(110);
  assert.equal(pace.dueAt, 600);
  // Drawing takes its share, too, but never more than there is time for.
  for (let now = 110; now < 600; now += 10) pace.timeSpent(now, 10);
  assert.equal(pace.dueAt, 810);
});

test('a law: however much is drawn and asked for, it begins so early that it is done within a second, as long as that can be', () => {
  const step = fc.record({ came: fc.boolean(), drawnMs: fc.nat(40), asked: fc.boolean() });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 300 }), fc.integer({ min: 1, max: 350 }), (steps, costMs) => {
      const pace = new RefreshPacer();
      // The first time it is not known for how long it takes.
      pace.snapshotArrived(0);
      pace.workStarted(0);
      pace.workDone(costMs);
      let now = costMs;
      let doneAt: number | undefined;
      for (const { came, drawnMs, asked } of steps) {
        now += 40;
        if (doneAt !== undefined && now >= doneAt) {
          pace.workDone(doneAt);
          pace.timeSpent(doneAt, costMs);
          doneAt = undefined;
        }
        if (came) pace.snapshotArrived(now);
        pace.timeSpent(now, drawnMs);
        const restarts = asked && (doneAt === undefined || pace.mayRestart(now));
        if (restarts || (doneAt === undefined && now >= pace.dueAt)) {
          pace.workStarted(now);
          doneAt = now + costMs;
        }
        assert.ok(pace.behindMs(now) <= 1000, `${pace.behindMs(now)} ms behind`);
      }
    }),
  );
});
