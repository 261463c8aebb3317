import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { ConnectionEvents } from '../../../../../src/client/cli/commands/flows-follow.ts';
import type { Connection } from '../../../../../src/client/model/connection.ts';
import { connection } from './fixtures.ts';

const AT = 0;
const formatEvents = (events: ReturnType<ConnectionEvents['take']>) =>
  events.map(({ event, connection }) => `${event} ${connection.id}`);

test('first all is added, then what changed is reported', () => {
  const events = new ConnectionEvents(() => true);
  const [one, two, three] = [1, 2, 3].map((id) => connection({ id })) as [Connection, Connection, Connection];
  assert.deepEqual(formatEvents(events.take([one, two], AT)), ['added 1', 'added 2']);
  assert.deepEqual(formatEvents(events.take([one, two], AT)), []);
  assert.deepEqual(formatEvents(events.take([one, connection({ id: 2, state: 8 }), three], AT)), [
    'updated 2',
    'added 3',
  ]);
  assert.deepEqual(formatEvents(events.take([three], AT)), ['removed 1', 'removed 2']);
});

test('an update tells what was before, a removal what was last', () => {
  const events = new ConnectionEvents(() => true);
  const before = connection();
  const after = connection({ state: 8 });
  events.take([before], AT);
  assert.deepEqual(events.take([after], AT), [{ event: 'updated', connection: after, before }]);
  assert.deepEqual(events.take([], AT), [{ event: 'removed', connection: after }]);
});

test('what goes is reported before what comes, which may have its addresses and ports', () => {
  const events = new ConnectionEvents(() => true);
  events.take([connection({ id: 1 })], AT);
  assert.deepEqual(formatEvents(events.take([connection({ id: 2 })], AT)), ['removed 1', 'added 2']);
});

test('one that stays as it is may cease to pass: its age does not stand still', () => {
  const events = new ConnectionEvents((_, at) => at < 10);
  const same = [connection()];
  assert.deepEqual(formatEvents(events.take(same, 0)), ['added 1']);
  assert.deepEqual(formatEvents(events.take(same, 20)), ['removed 1']);
});

test('what ceases to pass is removed, what begins to is added', () => {
  const events = new ConnectionEvents((of) => of.state === 4);
  assert.deepEqual(formatEvents(events.take([connection({ state: 2 })], AT)), []);
  assert.deepEqual(formatEvents(events.take([connection({ state: 4 })], AT)), ['added 1']);
  assert.deepEqual(formatEvents(events.take([connection({ state: 8 })], AT)), ['removed 1']);
});

test('folding the events gives what passes', () => {
  const states = fc.array(fc.dictionary(fc.constantFrom('1', '2', '3', '4'), fc.constantFrom(2, 4, 8)));
  fc.assert(
    fc.property(states, (snapshots) => {
      const events = new ConnectionEvents((of) => of.state !== 2);
      const folded = new Map<number, Connection>();
      for (const states of snapshots) {
        const connections = Object.entries(states).map(([id, state]) => connection({ id: Number(id), state }));
        for (const { event, connection } of events.take(connections, AT)) {
          assert.equal(folded.has(connection.id), event !== 'added');
          if (event === 'removed') folded.delete(connection.id);
          else folded.set(connection.id, connection);
        }
        const passing = connections.filter((of) => of.state !== 2);
        assert.deepEqual(new Set(folded.values()), new Set(passing));
      }
    }),
  );
});
