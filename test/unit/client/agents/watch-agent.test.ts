import assert from 'node:assert/strict';
import { test } from 'node:test';
import { concat, finalize, NEVER, type Observable, of, takeUntil, timer } from 'rxjs';
import { TestScheduler } from 'rxjs/testing';
import type { AgentEvent } from '../../../../src/client/agents/agent-event.ts';
import type { AgentClient } from '../../../../src/client/agents/agent-link.ts';
import { RowBudget } from '../../../../src/client/agents/row-budget.ts';
import { watchAgent } from '../../../../src/client/agents/watch-agent.ts';
import type { WatchMessage } from '../../../../src/wire/decode.ts';
import { agentInfo, flow, message, poll, target } from './fixtures.ts';

/** The messages that the marbles below are made of. */
const MESSAGES: Record<string, WatchMessage> = {
  ...Object.fromEntries([1, 2, 3, 4].map((sequence) => [sequence, message(sequence)])),
  s: message(1, { poll: poll({ intervalSeconds: 4 }) }),
  p: message(1, { endOfPoll: false }),
  q: message(2, { endOfPoll: false, snapshot: true }),
  t: message(3, { snapshot: true }),
  f: message(2, { pollError: 'EIO: i/o error' }),
};

/** What one try to connect meets, as marbles (times in virtual milliseconds); the last one is met again and again. */
interface Attempt {
  /** The way to the agent: `a` when it is there. */
  readonly link?: string;
  /** GetAgent: `a` when it answers. */
  readonly about?: string;
  readonly messages?: string;
  /** What `#` in the marbles says. */
  readonly error?: string;
}

/** Tells what was said, and when, in the first `ms`; without what GetAgent reported, unless asked for. */
function run(ms: number, attempts: Attempt[], { abouts: infos = false, random = 1 } = {}): string[] {
  const scheduler = new TestScheduler(assert.deepEqual);
  const said: string[] = [];
  scheduler.run(({ cold }) => {
    let turn = 0;
    const open = (): Observable<AgentClient> => {
      const attempt = attempts[Math.min(turn++, attempts.length - 1)] ?? {};
      const error = new Error(attempt.error ?? 'broken');
      const link = {
        info$: cold(attempt.about ?? '(a|)', { a: agentInfo }, error),
        messages$: cold(attempt.messages ?? '-', MESSAGES, error),
      };
      return cold(attempt.link ?? 'a', { a: link }, error);
    };
    watchAgent(target, { open, random: () => random })
      .pipe(takeUntil(timer(ms)))
      .subscribe((event) => {
        if (event.kind !== 'info' || infos) said.push(`${scheduler.now()} ${describe(event)}`);
      });
  });
  return said;
}

function describe(event: AgentEvent): string {
  if (event.kind === 'table') return `table ${event.table.version}`;
  if (event.kind !== 'status') return event.kind;
  const { status } = event;
  if (status.kind === 'lost') return `lost until ${status.retryAt}: ${status.reason}`;
  return status.kind === 'stale' ? `stale: ${status.reason}` : status.kind;
}

test('connects, and is live from the first whole table on', () => {
  assert.deepEqual(run(60, [{ link: '10ms a', messages: '20ms p 9ms q 9ms t' }]), [
    '0 connecting',
    '30 heartbeat',
    '40 heartbeat',
    '50 table 1',
    '50 live',
  ]);
  assert.deepEqual(run(3000, [{ link: '10ms a', messages: '20ms 1 999ms 2' }]), [
    '0 connecting',
    '30 table 1',
    '30 live',
    '1030 table 2',
  ]);
});

test('four seconds of silence make it stale, and the next message live again', () => {
  assert.deepEqual(run(9000, [{ messages: '1 6s 2' }]), [
    '0 connecting',
    '0 table 1',
    '0 live',
    '4000 stale: no update for 4s',
    '6001 table 2',
    '6001 live',
  ]);
});

test('with a long interval, silence is three of them', () => {
  assert.deepEqual(run(15_000, [{ messages: 's' }]), [
    '0 connecting',
    '0 table 1',
    '0 live',
    '12000 stale: no update for 12s',
  ]);
});

test('a part of a poll ends a silence, but is no table', () => {
  assert.deepEqual(run(9000, [{ messages: '3s p 3s q' }]), ['0 connecting', '3000 heartbeat', '6001 heartbeat']);
});

test('a poll that failed makes it stale, with the reason', () => {
  assert.deepEqual(run(2500, [{ messages: '1 999ms f 999ms 3' }]), [
    '0 connecting',
    '0 table 1',
    '0 live',
    '1000 table 2',
    '1000 stale: EIO: i/o error',
    '2000 table 3',
    '2000 live',
  ]);
});

test('it answers, but has no table to send', () => {
  assert.deepEqual(run(5000, [{ about: '100ms (a|)' }], { abouts: true }), [
    '0 connecting',
    '100 info',
    '2100 info',
    '4100 stale: connected, but no data within 4s',
    '4100 info',
  ]);
});

test('no answer at all, and no way to it: lost, and tried again', () => {
  assert.deepEqual(run(12_000, [{ about: '-' }]), ['0 connecting', '10000 lost until 10500: timed out after 10s']);
  assert.deepEqual(run(31_000, [{ link: '-' }]), [
    '0 connecting',
    '30000 lost until 30500: could not connect to the agent within 30s',
  ]);
});

test('what cannot be reached is tried with longer and longer waits, and stays lost in between', () => {
  assert.deepEqual(run(40_000, [{ link: '#', error: 'connect ECONNREFUSED' }]), [
    '0 connecting',
    '0 lost until 500: connect ECONNREFUSED',
    '500 lost until 1500: connect ECONNREFUSED',
    '1500 lost until 3500: connect ECONNREFUSED',
    '3500 lost until 7500: connect ECONNREFUSED',
    '7500 lost until 15500: connect ECONNREFUSED',
    '15500 lost until 30500: connect ECONNREFUSED',
    '30500 lost until 45500: connect ECONNREFUSED',
  ]);
  assert.deepEqual(run(600, [{ link: '#' }], { random: 0 }), [
    '0 connecting',
    '0 lost until 250: broken',
    '250 lost until 750: broken',
  ]);
});

test('it comes back with a table of its own', () => {
  assert.deepEqual(run(3000, [{ messages: '1 999ms #', error: 'the connection broke' }, { messages: '10ms 1' }]), [
    '0 connecting',
    '0 table 1',
    '0 live',
    '1000 lost until 1500: the connection broke',
    '1510 table 1',
    '1510 live',
  ]);
});

test('after ten good seconds the waits begin again, after fewer they continue', () => {
  const short = run(4000, [{ messages: '#' }, { messages: '#' }, { messages: '1 #' }]);
  assert.ok(short.includes('1501 lost until 3501: broken'), short.join('\n'));
  const long = run(14_000, [{ messages: '#' }, { messages: '#' }, { messages: '1 4s 2 4s 3 4s #' }]);
  assert.ok(long.includes('13503 lost until 14003: broken'), long.join('\n'));
});

test('a stream that ends, or that lost a message, is opened again', () => {
  assert.equal(run(10, [{ messages: '(1|)' }]).at(-1), '0 lost until 500: the agent ended the stream');
  assert.equal(
    run(1400, [{ messages: '1 999ms 3' }]).at(-1),
    '1000 lost until 1500: message 3 came after 1: some were lost; the table is read again',
  );
});

test('a way that breaks ends the stream on it', () => {
  assert.deepEqual(run(1200, [{ link: 'a 999ms #', error: 'pod deleted', messages: '1' }]), [
    '0 connecting',
    '0 table 1',
    '0 live',
    '1000 lost until 1500: pod deleted',
  ]);
});

test('an agent that refuses the stream is first heard out', () => {
  assert.deepEqual(run(400, [{ messages: '#', about: '100ms (a|)', error: 'no table' }], { abouts: true }), [
    '0 connecting',
    '100 info',
    '100 lost until 600: no table',
  ]);
});

test('GetAgent is asked again every two seconds, and its failure is none of the stream', () => {
  const said = run(5000, [{ messages: '1 3s 2' }], { abouts: true });
  assert.deepEqual(
    said.filter((line) => line.endsWith('info')),
    ['0 info', '2000 info', '4000 info'],
  );
  assert.deepEqual(run(100, [{ messages: '1', about: '#' }]), ['0 connecting', '0 table 1', '0 live']);
});

test('unsubscribing closes the link', () => {
  let closed = 0;
  const open = () => concat(of({ info$: of(agentInfo), messages$: NEVER }), NEVER).pipe(finalize(() => closed++));
  watchAgent(target, { open }).subscribe().unsubscribe();
  assert.equal(closed, 1);
});

test('an `open` that throws is a loss like any other', () => {
  const seen: AgentEvent[] = [];
  const open = () => {
    throw new Error('no such file');
  };
  watchAgent(target, { open })
    .subscribe((event) => seen.push(event))
    .unsubscribe();
  assert.match(describe(seen.at(-1) ?? { kind: 'heartbeat' }), /no such file/);
});

test('an agent that is let go is lost, its table is forgotten, and later it is asked for less', () => {
  const scheduler = new TestScheduler(assert.deepEqual);
  const said: string[] = [];
  const asked: (number | undefined)[] = [];
  const budget = new RowBudget(1_000);
  scheduler.run(({ cold }) => {
    const rows = { added: Array.from({ length: 8 }, (_, i) => flow(i + 1)), updated: [], removed: [] };
    const messages = { 1: message(1, { delta: rows }) };
    const open = (_: unknown, { maxFlows }: { maxFlows?: number }) => {
      asked.push(maxFlows);
      const first = asked.length === 1;
      return cold('a', { a: { info$: cold('(a|)', { a: agentInfo }), messages$: cold(first ? '1' : '-', messages) } });
    };
    timer(1_000).subscribe(() => budget.dropLargest());
    watchAgent(target, { open, budget, random: () => 1 })
      .pipe(takeUntil(timer(61_500)))
      .subscribe(
        (event) =>
          event.kind !== 'info' && event.kind !== 'heartbeat' && said.push(`${scheduler.now()} ${describe(event)}`),
      );
  });
  assert.deepEqual(asked, [undefined, 2]);
  assert.deepEqual(said.slice(0, 5), [
    '0 connecting',
    '0 table 1',
    '0 live',
    '1000 forgotten',
    '1000 lost until 61000: table dropped: kflow is low on memory',
  ]);
});
