import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { ConntrackEntry } from '../../../../src/agent/conntrack/entry.ts';
import { type LastSeen, RecentlyRemoved } from '../../../../src/agent/polling/recently-removed.ts';

const POLLS = 5;

function lastSeen(bytes: number): LastSeen {
  return {
    originalPackets: 1,
    originalBytes: bytes,
    replyPackets: 2,
    replyBytes: bytes * 2,
    sampledAt: bytes + 0.25,
    kernelId: 0,
  };
}

function entry(flow: number, bytes: number): ConntrackEntry {
  const counters = Float64Array.of(1, bytes, 2, bytes * 2);
  return { low: flow, high: -flow, counters, kernelId: 0 } as unknown as ConntrackEntry;
}

test('a flow is remembered as it was when it last went, for five polls', () => {
  const poll = fc.uniqueArray(fc.nat(6));
  fc.assert(
    fc.property(fc.array(poll, { maxLength: 20 }), (polls) => {
      const removed = new RecentlyRemoved();
      const went = new Map<number, { poll: number; bytes: number }>();
      for (const [number, flows] of polls.entries()) {
        removed.nextPoll();
        for (const flow of flows) {
          const bytes = number * 100 + flow;
          removed.add(flow, -flow, lastSeen(bytes));
          went.set(flow, { poll: number, bytes });
        }
        for (let flow = 0; flow <= 6; flow++) {
          const last = went.get(flow);
          const wanted = last !== undefined && last.poll > number - POLLS ? lastSeen(last.bytes) : undefined;
          assert.deepEqual(removed.find(entry(flow, 1e6)), wanted);
          if (wanted !== undefined && wanted.originalBytes > 0)
            assert.equal(
              removed.find(entry(flow, wanted.originalBytes - 1)),
              undefined,
              'it counts from the beginning',
            );
        }
      }
    }),
  );
});

test('it is full at some number of flows, and takes more when the polls of these are past', () => {
  const removed = new RecentlyRemoved();
  let flow = 1;
  for (let round = 0; round < 3; round++) {
    removed.nextPoll();
    const first = flow;
    while (!removed.isFull) removed.add(flow, -flow++, lastSeen(1));
    assert.equal(flow - first, 20_000);
    for (let poll = 0; poll < POLLS; poll++) {
      assert.deepEqual(removed.find(entry(first, 9)), lastSeen(1));
      removed.nextPoll();
    }
    assert.equal(removed.isFull, false);
    assert.equal(removed.find(entry(first, 9)), undefined);
  }
});
