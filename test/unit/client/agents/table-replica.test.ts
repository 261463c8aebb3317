import assert from 'node:assert/strict';
import { test } from 'node:test';
import { TableReplica } from '../../../../src/client/agents/table-replica.ts';
import { flow, message } from './fixtures.ts';

const none = { added: [], updated: [], removed: [] };

function ids(folded: ReturnType<TableReplica['applyMessage']>): number[] {
  assert.equal(folded.kind, 'whole');
  if (folded.kind !== 'whole') return [];
  const { table } = folded;
  return Array.from({ length: table.end }, (_, slot) => slot)
    .filter((slot) => table.isLive(slot))
    .map((slot) => table.columns.id[slot] as number);
}

test('a table is whole only at the end of a poll', () => {
  const replica = new TableReplica();
  assert.deepEqual(replica.applyMessage(message(1, { endOfPoll: false, delta: { ...none, added: [flow(1)] } })), {
    kind: 'partial',
  });
  assert.deepEqual(
    ids(replica.applyMessage(message(2, { snapshot: true, delta: { ...none, added: [flow(2)] } }))),
    [1, 2],
  );
  assert.deepEqual(
    ids(replica.applyMessage(message(3, { delta: { ...none, added: [flow(3)], removed: [1] } }))),
    [2, 3],
  );
});

test('a later snapshot is another table, and leaves the old one as it was until it is complete', () => {
  const replica = new TableReplica();
  const first = replica.applyMessage(message(1, { delta: { ...none, added: [flow(1), flow(2)] } }));
  replica.applyMessage(message(2, { snapshot: true, endOfPoll: false, delta: { ...none, added: [flow(2)] } }));
  assert.deepEqual(ids(first), [1, 2]);
  const second = replica.applyMessage(message(3, { snapshot: true, delta: { ...none, added: [flow(7)] } }));
  assert.deepEqual(ids(second), [2, 7]);
  assert.deepEqual(ids(first), [1, 2]);
  assert.deepEqual(ids(replica.applyMessage(message(4, { delta: { ...none, removed: [2] } }))), [7]);
});

test('two snapshots in a row are two tables', () => {
  const replica = new TableReplica();
  replica.applyMessage(message(1, { delta: { ...none, added: [flow(1)] } }));
  assert.deepEqual(
    ids(replica.applyMessage(message(2, { snapshot: true, delta: { ...none, added: [flow(1)] } }))),
    [1],
  );
});

for (const [name, second, reason] of [
  ['a gap', message(3), /message 3 came after 1/],
  ['a repetition', message(1), /message 1 came after 1/],
  ['a removal of what is not there', message(2, { delta: { ...none, removed: [9] } }), /1 changes do not fit/],
  ['an addition of what is there', message(2, { delta: { ...none, added: [flow(1)] } }), /1 changes do not fit/],
] as const)
  test(`${name} breaks the stream`, () => {
    const replica = new TableReplica();
    replica.applyMessage(message(1, { delta: { ...none, added: [flow(1)] } }));
    const folded = replica.applyMessage(second);
    assert.equal(folded.kind, 'invalid');
    assert.match(folded.kind === 'invalid' ? folded.reason : '', reason);
  });

test('a stream must begin with a snapshot, and finish it', () => {
  assert.equal(new TableReplica().applyMessage(message(1, { snapshot: false })).kind, 'invalid');
  const replica = new TableReplica();
  replica.applyMessage(message(1, { endOfPoll: false }));
  assert.equal(replica.applyMessage(message(2)).kind, 'invalid');
});

test('a snapshot that broke off is followed by another, whether there was a table before or not', () => {
  const replica = new TableReplica();
  for (const first of [1, 4]) {
    const begun = message(first, { snapshot: true, endOfPoll: false, delta: { ...none, added: [flow(1)] } });
    assert.equal(replica.applyMessage(begun).kind, 'partial');
    assert.equal(replica.applyMessage(message(first + 1, { endOfPoll: false })).kind, 'partial');
    const next = message(first + 2, { snapshot: true, delta: { ...none, added: [flow(2)] } });
    assert.deepEqual(ids(replica.applyMessage(next)), [2]);
  }
});
