import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { PeerScheduler } from '../../../../src/client/agents/peer-scheduler.ts';

test('who takes long misses turns for it, and nobody waits for ever', async () => {
  let now = 0;
  const turns = new PeerScheduler(() => now);
  const done: string[] = [];
  const worker = (name: string, ms: number, count: number) => {
    const peer = { debtMs: 0 };
    const add = (left: number) => {
      if (left === 0) return;
      turns.add(peer, () => {
        now += ms;
        done.push(name);
        add(left - 1);
      });
    };
    add(count);
  };
  worker('chatty', 80, 5);
  worker('honest', 1, 20);
  while (done.length < 25) await turn();
  // Ten turns of 8 ms are missed for 80 ms.
  const first = done.slice(0, 21).filter((name) => name === 'chatty').length;
  assert.ok(first <= 3, done.join(' '));
});

test('the event loop is left to others after 8 ms', async () => {
  let now = 0;
  const turns = new PeerScheduler(() => now);
  let done = 0;
  for (let i = 0; i < 100; i++)
    turns.add({ debtMs: 0 }, () => {
      now += 1;
      done++;
    });
  await turn();
  assert.ok(done > 0 && done <= 8, `${done}`);
  while (done < 100) await turn();
});

test('one alone is not held up by what it took', async () => {
  let now = 0;
  const turns = new PeerScheduler(() => now);
  const peer = { debtMs: 0 };
  let done = 0;
  for (let i = 0; i < 3; i++)
    turns.add(peer, () => {
      now += 100;
      done++;
    });
  for (let i = 0; i < 4; i++) await turn();
  assert.equal(done, 3);
});
