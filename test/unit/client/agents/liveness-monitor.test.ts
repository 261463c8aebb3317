import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LivenessMonitor } from '../../../../src/client/agents/liveness-monitor.ts';
import { RowBudget, TooManyRowsError } from '../../../../src/client/agents/row-budget.ts';
import { MIN_AGENT_ROWS } from '../../../../src/client/model/limits.ts';
import type { WatchMessage } from '../../../../src/wire/decode.ts';
import { flow, message } from './fixtures.ts';

const rows = (from: number, count: number) => Array.from({ length: count }, (_, i) => flow(from + i));
const adding = (sequence: number, from: number, count: number, over: Partial<WatchMessage> = {}) =>
  message(sequence, { delta: { added: rows(from, count), updated: [], removed: [] }, ...over });

function hearing(total = Number.POSITIVE_INFINITY, maxFlows?: number) {
  const share = new RowBudget(total).allocate();
  return { share, heard: new LivenessMonitor({ share, ...(maxFlows === undefined ? {} : { maxFlows }) }) };
}

test('50 messages a second that change nothing, for 10 s, end the stream; a burst after a stall does not', () => {
  const { heard } = hearing();
  let sequence = 0;
  const send = (at: number) => heard.take(message(++sequence), at);
  // What came in a minute, all at once.
  for (let i = 0; i < 1200; i++) send(5_000);
  for (let at = 6_000; at < 66_000; at += 50) send(at);
  for (let at = 66_000; at < 75_000; at += 10) send(at);
  assert.throws(() => {
    for (let at = 75_000; at < 77_000; at += 10) send(at);
  }, /^Error: sent more than 50 messages a second that change nothing, for 10 s$/);
});

test('messages that bring flows may be as many as there is time for', () => {
  const { heard } = hearing();
  heard.take(adding(1, 1, 1), 0);
  for (let i = 2; i < 5_000; i++) heard.take(adding(i, i, 1), i * 3);
});

test('a snapshot without a new flow for 30 s ends the stream', () => {
  const { heard } = hearing();
  const part = (sequence: number) => message(sequence, { snapshot: true, endOfPoll: false });
  heard.take(adding(1, 1, 2, { endOfPoll: false }), 0);
  heard.take(part(2), 20_000);
  heard.take(adding(3, 3, 2, { endOfPoll: false, snapshot: true }), 29_000);
  heard.take(part(4), 58_000);
  assert.throws(() => heard.take(part(5), 59_500), /does not come to an end: no new flow in 30 s/);
});

test('an id that comes twice, and a snapshot that takes back what it reported, are no table', () => {
  const twice = hearing().heard;
  twice.take(adding(1, 1, 2, { endOfPoll: false }), 0);
  assert.throws(() => twice.take(adding(2, 2, 1, { snapshot: true }), 0), /1 changes do not fit/);
  const back = hearing().heard;
  back.take(adding(1, 1, 2, { endOfPoll: false }), 0);
  const removal = message(2, { snapshot: true, delta: { added: [], updated: [], removed: [1] } });
  assert.throws(() => back.take(removal, 0), /a snapshot changes what it has just reported/);
});

test('too many rows end the stream, with the number to ask for', () => {
  const { heard } = hearing(1_000);
  assert.equal(heard.take(adding(1, 1, 1_000), 0).length, 2);
  assert.throws(
    () => heard.take(adding(2, 1_001, 1), 0),
    (error) => error instanceof TooManyRowsError && error.rows === 900 && error.message === 'sent more than 1000 flows',
  );
});

test('an agent that sends more than it was asked for is at fault', () => {
  const { heard } = hearing(Number.POSITIVE_INFINITY, 10);
  heard.take(adding(1, 1, 10, { others: { flows: 5 } }), 0);
  assert.throws(() => heard.take(adding(2, 11, 1), 0), /sent more than the 10 flows that it was asked for/);
});

test('what was left out is reported', () => {
  const { heard, share } = hearing(100, 10);
  const [event] = heard.take(adding(1, 1, 10, { others: { flows: 5 } }), 0);
  assert.equal(event?.kind === 'table' ? event.omitted : undefined, 5);
  assert.equal(share.limit, 100);
});

test('the rows of an agent are bounded by what its table may have', () => {
  const share = new RowBudget(Number.POSITIVE_INFINITY).allocate();
  assert.equal(share.limit, MIN_AGENT_ROWS);
  share.maximum = 0;
  assert.equal(share.limit, MIN_AGENT_ROWS, 'unlimited');
  share.maximum = 1_000_000;
  assert.equal(share.limit, 1_000_000);
  share.maximum = 1e18;
  assert.equal(share.limit, 4_194_304);
});

test('agents share what there is: those that have little keep it', () => {
  const budget = new RowBudget(1_000);
  const [small, large, huge] = [budget.allocate(), budget.allocate(), budget.allocate()];
  small.setRows(100, 0);
  large.setRows(400, 0);
  assert.equal(huge.limit, 500);
  huge.setRows(2_000, 0);
  assert.deepEqual([small.limit, large.limit, huge.limit], [500, 500, 500]);
  large.setRows(5_000, 0);
  assert.deepEqual([small.limit, large.limit, huge.limit], [450, 450, 450]);
  large.release();
  assert.deepEqual([small.limit, huge.limit], [900, 900]);
  large.setRows(1, 0);
  assert.equal(huge.limit, 900, 'who has left counts no more');
});

test('without memory the rows of the agent with the most are dropped', () => {
  const budget = new RowBudget(1_000);
  const [small, large] = [budget.allocate(), budget.allocate()];
  const reported: number[] = [];
  large.dropped$.subscribe((rows) => reported.push(rows));
  small.dropped$.subscribe(() => assert.fail('it has less'));
  assert.equal(budget.dropLargest(), false);
  small.setRows(10, 0);
  large.setRows(400, 500);
  assert.equal(budget.dropLargest(), true);
  assert.deepEqual(reported, [400]);
  assert.equal(small.limit, 1_000);
});
