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

test('so does a timeout, in parts that a timer can wait', () => {
  const parts: number[] = [];
  const due: (() => void)[] = [];
  // Not by mocking the timers of the process: other tests run in it.
  const start = (done: () => void, ms: number) => {
    parts.push(ms);
    due.push(done);
    return setTimeout(() => {}, 0);
  };
  let done = 0;
  longTimeout(() => done++, HOURS_720, start);
  due.shift()?.();
  assert.deepEqual([done, parts], [0, [2 ** 31 - 1, HOURS_720 - 2 ** 31 + 1]]);
  due.shift()?.();
  assert.deepEqual([done, due.length], [1, 0]);
  longTimeout(() => done++, 5, start);
  due.shift()?.();
  assert.deepEqual([done, parts.at(-1)], [2, 5]);
});

test('a timeout that is ended does nothing', async () => {
  const stop = longTimeout(() => assert.fail('it was ended'), 1);
  stop();
  await new Promise((resolve) => setTimeout(resolve, 5));
});
