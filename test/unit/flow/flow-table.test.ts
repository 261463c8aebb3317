import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { applyDelta, type FlowDelta } from '../../../src/flow/apply.ts';
import { type Changes, changesSince } from '../../../src/flow/changes.ts';
import { type Flow, readFlow, writeFlow, writeStats, writeStatus } from '../../../src/flow/flow.ts';
import { FlowTable } from '../../../src/flow/flow-table.ts';
import { TCP } from '../../../src/flow/protocol.ts';

function flowOf(id: number, salt: number): Flow {
  const client = `10.0.${salt % 200}.${id % 250}`;
  return {
    id,
    family: 4,
    protocol: TCP,
    original: { source: client, destination: '10.96.0.1', sourcePort: 1024 + (id % 60000), destinationPort: 80 },
    reply: { source: '10.244.0.7', destination: client, sourcePort: 8080, destinationPort: 1024 + (id % 60000) },
    zone: salt % 3,
    ...(salt % 3 === 1 ? { zoneDirection: 'reply' as const } : {}),
    firstSeenAt: 1_700_000_000_000 + salt,
    startKnown: salt % 2 === 1,
    status: statusOf(salt),
    stats: statsOf(salt),
  };
}

function statusOf(salt: number): Flow['status'] {
  return {
    state: salt % 11,
    replied: salt % 2 === 0,
    ...(salt % 5 === 0 ? {} : { assured: salt % 4 === 0 }),
    offloaded: salt % 5 === 0,
    hardwareOffloaded: salt % 10 === 0,
    ...(salt % 7 === 0 ? {} : { expiresAt: 1_700_000_000 + salt }),
    mark: salt,
  };
}

function statsOf(salt: number): Flow['stats'] {
  if (salt % 6 === 0) return { original: {}, reply: {} };
  const counters = { packets: salt, bytes: salt * 100 };
  return { original: counters, reply: counters, ...(salt % 2 === 0 ? {} : { originalRate: salt / 3, replyRate: 0 }) };
}

/** The rows of the last version, by id. */
function content(table: FlowTable): Map<number, Flow> {
  const flows = new Map<number, Flow>();
  for (let slot = 0; slot < table.end; slot++) {
    if (table.isLive(slot)) flows.set(table.columns.id[slot] as number, readFlow(table, slot));
  }
  return flows;
}

function assertSame(actual: FlowTable, wanted: FlowTable): void {
  const sorted = (table: FlowTable) => [...content(table)].sort(([a], [b]) => a - b);
  assert.deepEqual(sorted(actual), sorted(wanted));
  assert.equal(actual.size, wanted.size);
}

type Step =
  | { kind: 'insert'; salt: number }
  | { kind: 'stats' | 'status'; which: number; salt: number }
  | { kind: 'remove'; which: number }
  | { kind: 'commit' }
  | { kind: 'reclaim'; back: number }
  /** A reader asks for what changed since it last did; what it skipped comes merged. */
  | { kind: 'read'; reader: number };

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('insert' as const), salt: fc.nat(5000) }) },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constantFrom('stats' as const, 'status' as const),
      which: fc.nat(),
      salt: fc.nat(5000),
    }),
  },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('remove' as const), which: fc.nat() }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('commit' as const) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('reclaim' as const), back: fc.nat(4) }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('read' as const), reader: fc.nat(2) }) },
);

class Writer {
  readonly table = new FlowTable();
  now = 0;
  readonly ids = new Set<number>();

  live(which: number): number | undefined {
    const slots: number[] = [];
    for (let slot = 0; slot < this.table.end; slot++) if (this.table.isLive(slot)) slots.push(slot);
    return slots.length === 0 ? undefined : slots[which % slots.length];
  }

  take(step: Step): void {
    const { table } = this;
    if (step.kind === 'insert') {
      const id = table.nextId;
      assert.ok(!this.ids.has(id), 'an id is never used again');
      this.ids.add(id);
      writeFlow(table, flowOf(id, step.salt));
    } else if (step.kind === 'commit') table.commit(++this.now);
    else if (step.kind === 'reclaim') table.reclaim(table.version - step.back);
    else if (step.kind !== 'read') {
      const slot = this.live(step.which);
      if (slot === undefined) return;
      if (step.kind === 'remove') table.remove(slot);
      else if (step.kind === 'stats') writeStats(table, slot, statsOf(step.salt));
      else writeStatus(table, slot, statusOf(step.salt));
    }
  }
}

/** The changes as they travel: as objects that do not need the table that they came from. */
function deltaOf(table: FlowTable, { from, added, updated, removed }: Changes): FlowDelta {
  const { id, stateVersion, statsVersion } = table.columns;
  return {
    added: Array.from(added, (slot) => readFlow(table, slot)),
    updated: Array.from(updated, (slot) => {
      const { status, stats } = readFlow(table, slot);
      return {
        id: id[slot] as number,
        ...((stateVersion[slot] as number) > from ? { status } : {}),
        ...((statsVersion[slot] as number) > from ? { stats } : {}),
      };
    }),
    removed: [...removed],
  };
}

class Reader {
  table = new FlowTable();
  cursor = 0;

  read(source: FlowTable): void {
    const changes = changesSince(source, this.cursor);
    if (changes.snapshot) this.table = new FlowTable();
    assert.equal(applyDelta(this.table, deltaOf(source, changes)), 0, 'every change can be used');
    this.table.commit(source.observedAt);
    this.cursor = changes.to;
  }
}

test('folding the changes between any versions, in any grouping, gives the table itself', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 120 }), (steps) => {
      const writer = new Writer();
      const readers = [new Reader(), new Reader(), new Reader()];
      for (const next of steps) {
        writer.take(next);
        // While a version is being written a reader may see newer numbers, so equality is asked for where none is.
        if (next.kind === 'commit') (readers[0] as Reader).read(writer.table);
        if (next.kind === 'read' && writer.table.version > 0) (readers[next.reader] as Reader).read(writer.table);
      }
      writer.table.commit(++writer.now);
      for (const reader of readers) {
        reader.read(writer.table);
        assertSame(reader.table, writer.table);
      }
    }),
    { numRuns: 300 },
  );
});

test('a reader in the middle of a version sees the rows of that version, whatever is being written', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), fc.array(step, { maxLength: 40 }), (before, after) => {
      const writer = new Writer();
      for (const next of before) writer.take(next);
      writer.table.commit(1);
      const wanted = [...content(writer.table).keys()].sort((a, b) => a - b);
      for (const next of after) if (next.kind !== 'commit' && next.kind !== 'reclaim') writer.take(next);
      const { added, snapshot } = changesSince(writer.table, 0);
      assert.ok(snapshot);
      const ids = Array.from(added, (slot) => writer.table.columns.id[slot] as number).sort((a, b) => a - b);
      assert.deepEqual(ids, wanted);
    }),
  );
});

test('tombstones are bounded, and a reader from before them gets a snapshot', () => {
  const table = new FlowTable();
  writeFlow(table, flowOf(1, 1));
  table.commit(1);
  const early = table.version;
  for (let poll = 0; poll < 50; poll++) {
    const slots: number[] = [];
    for (let i = 0; i < 100; i++) slots.push(writeFlow(table, flowOf(table.nextId, i)) as number);
    table.commit(2 + poll);
    for (const slot of slots) table.remove(slot);
  }
  table.commit(100);
  assert.ok(table.tombstones <= 1024, `${table.tombstones} tombstones`);
  assert.ok(table.end <= 1024 + 201, `${table.end} slots`);
  assert.ok(early < table.floor);
  assert.equal(changesSince(table, early).snapshot, true);
  assert.equal(changesSince(table, table.version).snapshot, false);
  assert.equal(table.size, 1);
});

test('a broken delta is refused item by item, and counted', () => {
  const table = new FlowTable();
  const good = flowOf(5, 2);
  const empty: FlowDelta = { added: [], updated: [], removed: [] };
  assert.equal(applyDelta(table, { ...empty, added: [good, good] }), 1, 'the same id twice');
  assert.equal(applyDelta(table, { ...empty, removed: [77], updated: [{ id: 78 }] }), 2, 'unknown ids');
  const bad = { ...flowOf(6, 2), original: { source: 'nowhere', destination: '10.0.0.1' } };
  assert.equal(applyDelta(table, { ...empty, added: [bad] }), 1, 'no address');
  assert.equal(applyDelta(table, { ...empty, added: [{ ...flowOf(7, 2), family: 6 }] }), 1, 'another family');
  assert.equal(applyDelta(table, { ...empty, added: [flowOf(0, 2), flowOf(-4, 2), flowOf(1.5, 2)] }), 3, 'no id');
  table.commit(1);
  assert.deepEqual([...content(table).keys()], [5]);
});
