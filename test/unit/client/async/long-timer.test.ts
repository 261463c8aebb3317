import assert from 'node:assert/strict';
import { test } from 'node:test';
import { VirtualTimeScheduler } from 'rxjs';
import { longTimeout, longTimer } from '../../../../src/client/async/long-timer.ts';

const HOURS_720 = 720 * 3_600_000;

test('a timer of 720 h runs out after 720 h', () => {
  const scheduler = new VirtualTimeScheduler();
  const ends: number[] = [];
  for (const ms of [1, 2 ** 31 - 1, 2 ** 31, HOURS_720, 3 * HOURS_720])
    longTimer(ms, scheduler).subscribe(() => ends.push(scheduler.now()));
  scheduler.flush();
  assert.deepEqual(ends, [1, 2 ** 31 - 1, 2 ** 31, HOURS_720, 3 * HOURS_720]);
});

test('so does a timeout, and it can be ended at any time', (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  let done = 0;
  longTimeout(() => done++, HOURS_720);
  const stop = longTimeout(() => done++, HOURS_720);
  t.mock.timers.tick(2 ** 31 - 1);
  assert.equal(done, 0);
  stop();
  t.mock.timers.tick(HOURS_720 - 2 ** 31);
  assert.equal(done, 0);
  t.mock.timers.tick(1);
  assert.equal(done, 1);
  longTimeout(() => done++, 5);
  t.mock.timers.tick(5);
  assert.equal(done, 2);
});
