import assert from 'node:assert/strict';
import { test } from 'node:test';
import { of } from 'rxjs';
import { TestScheduler } from 'rxjs/testing';
import { type CollectedSnapshot, collectSnapshot } from '../../../../../src/client/cli/shared/collect.ts';
import type { AgentState } from '../../../../../src/client/model/agent.ts';
import type { Snapshot } from '../../../../../src/client/model/snapshot.ts';
import { agentInfo, poll } from '../../agents/fixtures.ts';
import { agent, snapshot } from '../commands/fixtures.ts';

const LOST = { kind: 'lost', reason: 'connection refused', retryAt: 0 } as const;
const A: Record<string, AgentState> = {
  c: agent({ status: { kind: 'connecting' } }),
  '1': agent({ flows: 3, poll: poll({ observedAt: 1 }) }),
  '2': agent({ flows: 3, poll: poll({ observedAt: 2 }) }),
  i: agent({ flows: 3, poll: poll({ observedAt: 1 }), info: agentInfo }),
  s: agent({ flows: 3, poll: poll({ observedAt: 1 }), status: { kind: 'stale', reason: 'EIO' } }),
  x: agent({ status: LOST }),
};
const B = agent({ key: 'b', node: 'node2', status: LOST });

/** Marbles of one agent's states (B beside it where `both`), to when it ended and with what. */
function play(marbles: string, options: { polls: number; abouts?: boolean; both?: boolean; timeoutMs?: number }) {
  const { polls, abouts: infos = false, both = false, timeoutMs = 1000 } = options;
  const scheduler = new TestScheduler(assert.deepEqual);
  const ends: { at: number; gathered: CollectedSnapshot }[] = [];
  scheduler.run(({ cold }) => {
    const states = Object.entries(A).map(([key, state]): [string, Snapshot] => [
      key,
      snapshot({ agents: both ? [state, B] : [state] }),
    ]);
    const values = {
      ...Object.fromEntries(states),
      n: snapshot({ discoveryError: 'forbidden' }),
      p: snapshot({ agents: [agent({ flows: 3, poll: poll({ observedAt: 1 }) })], namesPending: true }),
    };
    collectSnapshot(cold(marbles, values), { polls, infos, timeoutMs }).subscribe((collected) =>
      ends.push({ at: scheduler.now(), gathered: collected }),
    );
  });
  assert.equal(ends.length, 1);
  const [end] = ends as [{ at: number; gathered: CollectedSnapshot }];
  return { at: end.at, reached: end.gathered.received, why: end.gathered.missing.map(({ why }) => why) };
}

test('waits for the poll that was asked for', () => {
  assert.deepEqual(play('c 9ms 1 9ms 2', { polls: 1 }), { at: 10, reached: 1, why: [] });
  assert.deepEqual(play('c 9ms 1 9ms 1 9ms 2', { polls: 2 }), { at: 30, reached: 1, why: [] });
});

test('waits for what the agent says of itself, if asked to', () => {
  assert.deepEqual(play('1 9ms i', { polls: 1, abouts: true }), { at: 10, reached: 1, why: [] });
});

test('does not wait for an agent that is lost or stale, and names it', () => {
  assert.deepEqual(play('c 9ms x', { polls: 2 }), { at: 10, reached: 0, why: ['lost: connection refused'] });
  assert.deepEqual(play('c 9ms s', { polls: 2 }), { at: 10, reached: 1, why: ['stale: EIO'] });
  assert.deepEqual(play('c 9ms 1 9ms 2', { polls: 2, both: true }), {
    at: 20,
    reached: 1,
    why: ['lost: connection refused'],
  });
});

test('waits no longer than it may', () => {
  assert.deepEqual(play('c', { polls: 1 }), { at: 1000, reached: 0, why: ['no answer yet'] });
  assert.deepEqual(play('1', { polls: 2 }), {
    at: 1000,
    reached: 1,
    why: ['polled only once so far (it polls every 1 s)'],
  });
  assert.deepEqual(play('-', { polls: 1 }), { at: 1000, reached: 0, why: [] });
});

test('tells an interval that the agent stretched as people write it', () => {
  const polled = agent({ flows: 3, poll: poll({ observedAt: 1, intervalSeconds: 8.357540000000062 }) });
  const reported: (string | undefined)[] = [];
  collectSnapshot(of(snapshot({ agents: [polled] })), { polls: 2, timeoutMs: 1000 }).subscribe(({ missing }) =>
    reported.push(missing[0]?.why),
  );
  assert.deepEqual(reported, ['polled only once so far (it polls every 8.36 s)']);
});

test('waits for names', () => {
  assert.equal(play('p 9ms p 9ms 1', { polls: 1 }).at, 20);
});

test('0 is no limit', () => {
  assert.equal(play('c 5s 1', { polls: 1, timeoutMs: 0 }).at, 5001);
});

test('nobody to wait for', () => {
  assert.deepEqual(play('9ms n', { polls: 2 }), { at: 9, reached: 0, why: [] });
});

/** Two agents: one tells at `toldAt`; the other is as `other` all the time. Gives when it was over, and what is missing. */
function beside(toldAt: number, other: AgentState, timeoutMs = 10_000) {
  const scheduler = new TestScheduler(assert.deepEqual);
  const ends: { at: number; why: string[] }[] = [];
  scheduler.run(({ cold }) => {
    const reported = agent({ flows: 3, poll: poll({ observedAt: 1 }) });
    const values = {
      c: snapshot({ agents: [agent({ status: { kind: 'connecting' } }), other] }),
      t: snapshot({ agents: [reported, other] }),
    };
    const beats = Array.from({ length: 40 }, () => '249ms t').join(' ');
    collectSnapshot(cold(`c ${toldAt - 1}ms t ${beats}`, values), { polls: 1, timeoutMs }).subscribe(({ missing }) =>
      ends.push({ at: scheduler.now(), why: missing.map(({ why }) => why) }),
    );
  });
  return ends[0];
}

test('a silent agent is waited for as long again as the others needed, and is named', () => {
  const silent = agent({ key: 'b', node: 'node2', status: { kind: 'connecting' } });
  const early = beside(300, silent);
  assert.ok(early !== undefined && early.at > 2_300 && early.at < 3_200, `${early?.at}`);
  assert.deepEqual(early.why, ['no answer yet']);
  const late = beside(3_000, silent);
  assert.ok(late !== undefined && late.at > 8_000 && late.at < 8_800, `${late?.at}`);
  assert.equal(beside(300, silent, 0), undefined, 'for ever, if asked to');
});

test('one that answers and polls rarely is given the time of a poll, whatever it claims', () => {
  const claims = (intervalSeconds: number) =>
    agent({ key: 'b', node: 'node2', flows: 0, poll: poll({ observedAt: 5, intervalSeconds }) });
  // Two polls of this one are waited for; it tells of one.
  const scheduler = (at: number | undefined, from: number, to: number) =>
    assert.ok(at !== undefined && at > from && at < to, `${at}`);
  const wait = (interval: number) => besideTwice(claims(interval));
  scheduler(wait(1), 3_000, 4_300);
  scheduler(wait(3_600), 7_000, 8_400);
});

function besideTwice(other: AgentState): number | undefined {
  const scheduler = new TestScheduler(assert.deepEqual);
  const ends: number[] = [];
  scheduler.run(({ cold }) => {
    const first = agent({ flows: 3, poll: poll({ observedAt: 1 }) });
    const second = agent({ flows: 3, poll: poll({ observedAt: 2 }) });
    const values = { 1: snapshot({ agents: [first, other] }), 2: snapshot({ agents: [second, other] }) };
    const beats = Array.from({ length: 40 }, () => '249ms 2').join(' ');
    collectSnapshot(cold(`1 299ms 2 ${beats}`, values), { polls: 2, timeoutMs: 10_000 }).subscribe(() =>
      ends.push(scheduler.now()),
    );
  });
  return ends[0];
}
