import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Pace } from '../../../../../src/client/tui/view-model/refresh-pacer.ts';

test('it begins again only after a rest, but in time for what has come', () => {
  const pace = new Pace();
  pace.came(0);
  assert.ok(pace.dueAt <= 0);
  pace.began(0);
  pace.made(100);
  pace.spent(100, 100);
  assert.equal(pace.behindMs(100), 0);
  pace.came(110);
  assert.equal(pace.dueAt, 600);
  // Drawing takes its share, too, but never more than there is time for.
  for (let now = 110; now < 600; now += 10) pace.spent(now, 10);
  assert.equal(pace.dueAt, 810);
});

test('a law: however much is drawn and asked for, it begins so early that it is done within a second, as long as that can be', () => {
  const step = fc.record({ came: fc.boolean(), drawnMs: fc.nat(40), asked: fc.boolean() });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 300 }), fc.integer({ min: 1, max: 350 }), (steps, costMs) => {
      const pace = new Pace();
      // The first time it is not known for how long it takes.
      pace.came(0);
      pace.began(0);
      pace.made(costMs);
      let now = costMs;
      let doneAt: number | undefined;
      for (const { came, drawnMs, asked } of steps) {
        now += 40;
        if (doneAt !== undefined && now >= doneAt) {
          pace.made(doneAt);
          pace.spent(doneAt, costMs);
          doneAt = undefined;
        }
        if (came) pace.came(now);
        pace.spent(now, drawnMs);
        const restarts = asked && (doneAt === undefined || pace.mayRestart(now));
        if (restarts || (doneAt === undefined && now >= pace.dueAt)) {
          pace.began(now);
          doneAt = now + costMs;
        }
        assert.ok(pace.behindMs(now) <= 1000, `${pace.behindMs(now)} ms behind`);
      }
    }),
  );
});
