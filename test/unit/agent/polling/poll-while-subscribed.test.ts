import assert from 'node:assert/strict';
import { test } from 'node:test';
import { TestScheduler } from 'rxjs/testing';
import { PollPacer } from '../../../../src/agent/polling/poll-pacer.ts';
import { type PollSession, pollWhileSubscribed } from '../../../../src/agent/polling/poll-while-subscribed.ts';

const run: TestScheduler['run'] = (callback) => new TestScheduler(assert.deepEqual).run(callback);

/** Emits 1, 2, 3 …, a new session at 10, 20 …; each poll takes 3 frames, the next one is due 5 after its end. */
function counted(scheduler: {
  cold(marbles: string, values: Record<string, number>): ReturnType<PollSession<number>['poll']>;
}) {
  const log: string[] = [];
  let sessions = 0;
  const polls$ = pollWhileSubscribed(() => {
    const session = sessions++ * 10;
    let polls = 0;
    return {
      poll: () => scheduler.cold('---(a|)', { a: session + ++polls }),
      delayMs: () => 5,
      end: () => log.push(`end ${session}`),
    };
  });
  return { polls$, log, sessions: () => sessions };
}

test('polls one after another, the next when it is due after the last has ended', () => {
  run((helpers) => {
    const { polls$ } = counted(helpers);
    helpers.expectObservable(polls$, '^-------------------!').toBe('---a-------b-------c', { a: 1, b: 2, c: 3 });
  });
});

test('all who watch share the polls; one who comes late gets the last at once', () => {
  run((helpers) => {
    const { polls$, sessions } = counted(helpers);
    helpers.expectObservable(polls$, '^-----------!').toBe('---a-------b', { a: 1, b: 2 });
    helpers.expectObservable(polls$, '-----^--------------!').toBe('-----a-----b-------c', { a: 1, b: 2, c: 3 });
    helpers.flush();
    assert.equal(sessions(), 1);
  });
});

test('nobody watching: no polls; the next one restarts, and hears nothing of before', () => {
  run((helpers) => {
    const { polls$, log, sessions } = counted(helpers);
    helpers.expectObservable(polls$, '^----!').toBe('---a', { a: 1 });
    helpers.expectObservable(polls$, '--------------------^----!').toBe('-----------------------a', { a: 11 });
    helpers.flush();
    assert.equal(sessions(), 2);
    assert.deepEqual(log, ['end 0', 'end 10']);
  });
});

test('to leave in the middle of a poll ends the session at once', () => {
  run((helpers) => {
    const { polls$, log } = counted(helpers);
    helpers.expectObservable(polls$, '^-!').toBe('---');
    helpers.flush();
    assert.deepEqual(log, ['end 0']);
  });
});

test('a expensive poll stretches the interval, so that polling keeps its share; cheap ones bring it back', () => {
  run(({ cold, expectObservable }) => {
    const pace = new PollPacer(10, 0.5);
    // What polls take: the third one is expensive.
    const costs = [1, 1, 20, 1, 1, 1, 1];
    let now = 0;
    const polls$ = pollWhileSubscribed(() => ({
      poll: () => {
        const cost = costs.shift() ?? 1;
        pace.pollStarted(now);
        now += cost;
        pace.pollEnded(cost);
        return cold(`${'-'.repeat(cost)}(a|)`, { a: pace.intervalMs });
      },
      delayMs: () => {
        const delay = pace.nextDelayMs(now);
        now += delay;
        return delay;
      },
      end: () => {},
    }));
    expectObservable(polls$, `^${'-'.repeat(90)}!`).toBe('-a 9ms a 28ms b 20ms c 20ms d', {
      a: 10,
      b: 40,
      c: 21,
      d: 11.5,
    });
  });
});

test('what is due at the next interval was not skipped; what was due before was', () => {
  const pace = new PollPacer(1000, 0.1);
  const at = (ms: number, busy: number) => {
    pace.pollStarted(ms);
    pace.pollEnded(busy);
    return [pace.skipped, pace.isThrottled, pace.nextDelayMs(ms)];
  };
  assert.deepEqual(at(0, 10), [false, false, 1000]);
  assert.deepEqual(at(1004, 300), [false, true, 3000]);
  assert.deepEqual(at(4004, 10), [true, true, 1550]);
  assert.equal(pace.nextDelayMs(9_999), 0, 'never in the past');
});
