import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { LineFingerprinter } from '../../../../src/agent/conntrack/parse/line-fingerprint.ts';
import { LineScanner } from '../../../../src/agent/conntrack/parse/line-scanner.ts';
import { TableUpdater } from '../../../../src/agent/polling/table-updater.ts';
import { changesSince } from '../../../../src/flow/changes.ts';
import { type Flow, readFlow } from '../../../../src/flow/flow.ts';

const START = 1_700_000_000_000;

/** Polls a table whose lines the test writes; time is what the test says. */
class Polls {
  readonly ingest = new TableUpdater();
  readonly scanner = new LineScanner();

  poll(seconds: number, ...lines: string[]): void {
    this.ingest.begin(seconds * 1000, START + seconds * 1000);
    for (const line of lines) {
      const bytes = new TextEncoder().encode(`${line}\n`);
      assert.ok(this.scanner.scan(bytes, 0, bytes.length - 1), line);
      this.ingest.add(this.scanner);
    }
    this.ingest.complete();
  }

  get flows(): Flow[] {
    const { table } = this.ingest;
    const slots = Array.from({ length: table.end }, (_, slot) => slot).filter((slot) => table.isLive(slot));
    return slots.map((slot) => readFlow(table, slot));
  }

  get flow(): Flow {
    const [flow, ...more] = this.flows;
    assert.ok(flow && more.length === 0);
    return flow;
  }
}

interface Line {
  bytes?: number | undefined;
  reply?: number;
  timeout?: number;
  state?: string;
  unreplied?: boolean;
  flag?: string;
  age?: number;
  port?: number;
}

function line({
  bytes,
  reply = bytes,
  timeout = 100,
  state = 'ESTABLISHED',
  unreplied,
  flag = '[ASSURED] ',
  age,
  port = 4000,
}: Line): string {
  const count = (value: number | undefined) =>
    value === undefined ? '' : `packets=${Math.ceil(value / 100)} bytes=${value} `;
  return (
    `ipv4     2 tcp      6 ${timeout} ${state} src=10.0.0.1 dst=10.0.0.2 sport=${port} dport=80 ${count(bytes)}` +
    `${unreplied ? '[UNREPLIED] ' : ''}src=10.0.0.2 dst=10.0.0.1 sport=80 dport=${port} ${count(reply)}${flag}mark=0 ` +
    `${age === undefined ? '' : `delta-time=${age} `}use=1`
  );
}

test('a rate is over the real time between two polls, and absent in the first', () => {
  const polls = new Polls();
  polls.poll(0, line({ bytes: 1000, reply: 0 }));
  assert.deepEqual([polls.flow.stats.originalRate, polls.flow.stats.replyRate], [undefined, undefined]);
  polls.poll(2.5, line({ bytes: 6000, reply: 0 }));
  assert.deepEqual([polls.flow.stats.originalRate, polls.flow.stats.replyRate], [2000, 0]);
  polls.poll(3.5, line({ bytes: 6000, reply: 0 }));
  assert.equal(polls.flow.stats.originalRate, 0);
});

test('without accounting there are neither counters nor rates, however many polls', () => {
  const polls = new Polls();
  for (const second of [0, 1, 2]) polls.poll(second, line({}));
  assert.deepEqual(polls.flow.stats, { original: {}, reply: {} });
});

test('what went back is another connection on the same tuple', () => {
  const cases: [string, Line, Line][] = [
    ['bytes', { bytes: 5000 }, { bytes: 4000 }],
    ['reply bytes', { bytes: 5000 }, { bytes: 5000, reply: 100 }],
    ['replied', {}, { unreplied: true, state: 'SYN_SENT' }],
    ['assured', {}, { flag: '' }],
    ['age', { age: 100 }, { age: 5 }],
    ['counters, which are no longer there', { bytes: 5000 }, {}],
    ['counters, which were not there', {}, { bytes: 5000 }],
  ];
  for (const [what, before, after] of cases) {
    const polls = new Polls();
    polls.poll(0, line(before));
    polls.poll(10, line({ ...before, ...(before.age === undefined ? {} : { age: before.age + 10 }) }));
    const { id } = polls.flow;
    const cursor = polls.ingest.table.version;
    polls.poll(20, line(after));
    const changes = changesSince(polls.ingest.table, cursor);
    assert.deepEqual([[...changes.removed], changes.added.length, changes.updated.length], [[id], 1, 0], what);
    assert.notEqual(polls.flow.id, id, what);
    // It began since the poll before, and has moved all its bytes since.
    assert.equal(polls.flow.stats.originalRate, after.bytes === undefined ? undefined : after.bytes / 10, what);
    assert.equal(polls.flow.startKnown, true, what);
  }
});

test('a connection that is over, and is again, is another: it moved all its bytes since', () => {
  for (const [before, after] of [
    ['TIME_WAIT', 'SYN_RECV'],
    ['TIME_WAIT', 'ESTABLISHED'],
    ['CLOSE', 'FIN_WAIT'],
  ] as const) {
    const polls = new Polls();
    polls.poll(0, line({ bytes: 1000, state: before }));
    polls.poll(1, line({ bytes: 1000, state: before }));
    polls.poll(2, line({ bytes: 5000, state: after }));
    assert.deepEqual([polls.flow.id, polls.flow.stats.originalRate], [2, 5000], `${before} ${after}`);
  }
  const polls = new Polls();
  polls.poll(0, line({ bytes: 1000, state: 'TIME_WAIT' }));
  polls.poll(1, line({ bytes: 1000, state: 'CLOSE' }));
  assert.equal(polls.flow.id, 1);
});

test('what a complete poll did not have has moved all its bytes since that poll', () => {
  const polls = new Polls();
  const rates = () => polls.flows.map(({ stats }) => [stats.originalRate, stats.replyRate]);
  polls.poll(0);
  polls.poll(2, line({ bytes: 1000, reply: 3000 }));
  assert.deepEqual(rates(), [[500, 1500]]);
  polls.poll(3, line({ bytes: 1000, reply: 3000, state: 'TIME_WAIT' }));
  assert.deepEqual(rates(), [[0, 0]]);
  polls.ingest.begin(4000, START + 4000);
  polls.poll(5, line({ bytes: 1000, reply: 3000, state: 'TIME_WAIT' }), line({ bytes: 70, port: 1 }));
  assert.deepEqual(rates()[1], [undefined, undefined], 'the poll before broke off');
  polls.poll(
    6,
    line({ port: 1, bytes: 570 }),
    line({ port: 2, bytes: 10, age: 1 }),
    line({ port: 3, bytes: 10, age: 9 }),
  );
  assert.deepEqual(
    polls.flows.map(({ original, stats }) => [original.sourcePort, stats.originalRate]).sort(),
    [
      [1, 500],
      [2, 10],
      [3, undefined],
    ],
    'by its time stamp, 3 was missing from the poll before',
  );
});

test('a flow that ends moved its last bytes in the last interval', () => {
  const polls = new Polls();
  polls.poll(0, line({ bytes: 1000 }));
  polls.poll(1, line({ bytes: 9000, state: 'TIME_WAIT' }));
  assert.deepEqual([polls.flow.id, polls.flow.stats.originalRate], [1, 8000]);
  polls.poll(2, line({ bytes: 9000, state: 'TIME_WAIT' }));
  assert.equal(polls.flow.stats.originalRate, 0);
});

test('a flow that some polls missed has moved since what it moved since it was seen last', () => {
  const polls = new Polls();
  polls.poll(0, line({ bytes: 1_000_000 }));
  polls.poll(1);
  polls.poll(2);
  polls.poll(4, line({ bytes: 1_000_400 }));
  assert.deepEqual([polls.flow.stats.originalRate, polls.flow.startKnown], [100, false]);
  polls.poll(5);
  polls.poll(6, line({ bytes: 300 }));
  assert.deepEqual([polls.flow.stats.originalRate, polls.flow.startKnown], [300, true], 'it counts from the beginning');
  for (let second = 7; second < 13; second++) polls.poll(second);
  polls.poll(13, line({ bytes: 500 }));
  assert.deepEqual(
    [polls.flow.stats.originalRate, polls.flow.startKnown],
    [500, true],
    'so long the kernel misses none',
  );
});

test('the rate of an offloaded flow is known only while its counters move', () => {
  const polls = new Polls();
  const rates = () => [polls.flow.stats.originalRate, polls.flow.stats.replyRate];
  const offloaded = { flag: '[OFFLOAD] ' };
  polls.poll(0, line({ bytes: 1000 }));
  polls.poll(1, line({ bytes: 1000, ...offloaded }));
  assert.deepEqual(rates(), [undefined, undefined], 'it has just been offloaded');
  polls.poll(2, line({ bytes: 1000, ...offloaded }));
  assert.deepEqual(rates(), [undefined, undefined]);
  polls.poll(3, line({ bytes: 1000, reply: 4000, ...offloaded }));
  assert.deepEqual(rates(), [0, 3000]);
  polls.poll(4, line({ bytes: 1000, reply: 4000, ...offloaded }));
  assert.deepEqual(rates(), [undefined, undefined]);
  polls.poll(5, line({ bytes: 1000, reply: 4000 }));
  assert.deepEqual(rates(), [undefined, undefined], 'it was until just now');
  polls.poll(6, line({ bytes: 1000, reply: 4000 }));
  assert.deepEqual(rates(), [0, 0]);
});

test('a counter that wrapped, or jumped, gives no rate', () => {
  const polls = new Polls();
  const rates = () => [polls.flow.stats.originalRate, polls.flow.stats.replyRate];
  const huge = (bytes: string) => line({ bytes: 7, reply: 1000 }).replace(' bytes=7 ', ` bytes=${bytes} `);
  polls.poll(0, huge('18446744073709551615'));
  polls.poll(1, huge('700'));
  assert.deepEqual([polls.flow.id, ...rates()], [1, undefined, 0]);
  polls.poll(2, huge('1700'));
  assert.deepEqual([polls.flow.id, ...rates()], [1, 1000, 0]);
  polls.poll(3, huge('18446744073709550592'));
  assert.deepEqual([polls.flow.id, ...rates()], [1, undefined, 0]);
});

test('an idle flow is no change, though its timeout runs down; a refreshed timeout is one', () => {
  const polls = new Polls();
  polls.poll(0, line({ bytes: 10, timeout: 100 }));
  polls.poll(1, line({ bytes: 10, timeout: 99 }));
  const cursor = polls.ingest.table.version;
  // Both the timeout and the clock are whole seconds: the sum may seem to move by one.
  for (const [second, timeout] of [
    [2.2, 97],
    [3.1, 97],
    [4, 96],
  ] as const)
    polls.poll(second, line({ bytes: 10, timeout }));
  assert.equal(changesSince(polls.ingest.table, cursor).updated.length, 0);
  polls.poll(5, line({ bytes: 10, timeout: 100 }));
  assert.equal(changesSince(polls.ingest.table, cursor).updated.length, 1);
  assert.equal(polls.flow.status.expiresAt, START / 1000 + 105);
});

test('a beginning is known by the time stamp, or by a complete poll just before that did not have it', () => {
  const polls = new Polls();
  const known = () => Object.fromEntries(polls.flows.map((flow) => [flow.original.sourcePort, flow.startKnown]));
  polls.poll(0, line({ port: 1 }), line({ port: 2, age: 100 }));
  assert.deepEqual(known(), { 1: false, 2: true }, 'the first poll');
  polls.poll(1, line({ port: 1 }), line({ port: 2, age: 101 }), line({ port: 3 }));
  assert.deepEqual(known(), { 1: false, 2: true, 3: true });
  assert.equal(polls.flows.find(({ original }) => original.sourcePort === 3)?.firstSeenAt, START + 1000);
  polls.poll(
    2,
    line({ port: 1, timeout: 300, flag: '' }),
    line({ port: 2, age: 102 }),
    line({ port: 3, timeout: 300 }),
  );
  assert.deepEqual(known(), { 1: true, 2: true, 3: true }, 'what went back is another, which began since; 3 keeps it');
  polls.ingest.begin(3000, START + 3000);
  polls.poll(4, line({ port: 3 }), line({ port: 4 }));
  assert.deepEqual(known(), { 3: true, 4: false }, 'the poll before broke off');
});

test('an offloaded flow keeps being assured, if it was', () => {
  const polls = new Polls();
  polls.poll(0, line({}));
  polls.poll(1, line({ flag: '[OFFLOAD] ' }));
  assert.deepEqual([polls.flow.status.assured, polls.flow.status.offloaded], [true, true]);
  polls.poll(2, line({ flag: '[ASSURED] ' }));
  assert.deepEqual([polls.flow.id, polls.flow.status.offloaded], [1, false]);
});

test('what a poll does not see is removed, and comes back as another flow', () => {
  const polls = new Polls();
  polls.poll(0, line({ port: 1 }), line({ port: 2 }));
  polls.poll(1, line({ port: 2 }));
  assert.deepEqual(
    polls.flows.map((flow) => flow.id),
    [2],
  );
  polls.poll(2, line({ port: 1 }), line({ port: 2 }));
  assert.deepEqual(polls.flows.map((flow) => flow.id).sort(), [2, 3]);
});

test('a poll that broke off removes nothing, and the next one continues', () => {
  const polls = new Polls();
  polls.poll(0, line({ port: 1, bytes: 100 }), line({ port: 2, bytes: 100 }));
  const { table } = polls.ingest;
  const cursor = table.version;
  polls.ingest.begin(1000, START + 1000);
  const bytes = new TextEncoder().encode(`${line({ port: 1, bytes: 300 })}\n`);
  assert.ok(polls.scanner.scan(bytes, 0, bytes.length - 1));
  polls.ingest.add(polls.scanner);
  assert.equal(table.version, cursor);
  polls.poll(3, line({ port: 1, bytes: 700 }), line({ port: 2, bytes: 400 }));
  const rates = polls.flows.map((flow) => flow.stats.originalRate);
  assert.deepEqual(rates, [200, 100]);
});

test('the wall clock may jump: rates are calculated by the monotonic one, and no flow becomes another', () => {
  const polls = new Polls();
  const read = (monotonic: number, wall: number, age: number, bytes: number) => {
    polls.ingest.begin(monotonic * 1000, wall);
    const text = new TextEncoder().encode(`${line({ bytes, age })}\n`);
    assert.ok(polls.scanner.scan(text, 0, text.length - 1));
    polls.ingest.add(polls.scanner);
    polls.ingest.complete();
  };
  read(0, START, 50, 0);
  // The kernel calculates delta-time by the wall clock too.
  read(1, START + 3_600_000, 3650, 1000);
  assert.deepEqual([polls.flow.id, polls.flow.stats.originalRate], [1, 1000]);
  read(2, START - 3_600_000, 0, 2000);
  assert.deepEqual([polls.flow.id, polls.flow.stats.originalRate], [1, 1000]);
});

/** A poll as the source makes it: what reads as it did is not scanned. Returns how many lines were. */
function pollAtAGlance(updater: TableUpdater, seconds: number, lines: readonly string[]): number {
  const scanner = new LineScanner();
  const fingerprint = new LineFingerprinter();
  let scanned = 0;
  updater.begin(seconds * 1000, START + seconds * 1000);
  for (const line of lines) {
    const bytes = new TextEncoder().encode(`${line}\n`);
    fingerprint.read(bytes, 0, bytes.length - 1);
    if (updater.addUnchanged(fingerprint)) continue;
    scanned++;
    if (scanner.scan(bytes, 0, bytes.length - 1)) updater.add(scanner, fingerprint);
    else updater.unparsed++;
  }
  updater.complete();
  return scanned;
}

test('a line that reads as it did except for its timeout is not scanned again, wherever others come and go', () => {
  const updater = new TableUpdater();
  const lines = (second: number, ...ports: number[]) =>
    ports.map((port) => line({ port, bytes: 100, timeout: 500 - second }));
  assert.equal(pollAtAGlance(updater, 0, lines(0, 1, 2, 3, 4, 5, 6, 7)), 7);
  assert.equal(pollAtAGlance(updater, 1, lines(1, 1, 2, 3, 4, 5, 6, 7)), 0);
  assert.equal(pollAtAGlance(updater, 2, lines(2, 1, 2, 30, 3, 4, 5, 6, 7)), 1);
  assert.equal(pollAtAGlance(updater, 3, lines(3, 1, 2, 30, 4, 5, 6, 7)), 0);
  assert.equal(pollAtAGlance(updater, 4, lines(4, 1, 2, 30, 4, 5, 6, 7)), 0);
  assert.equal(updater.table.size, 7);
  // What was removed and comes again is another flow.
  assert.equal(pollAtAGlance(updater, 5, lines(5, 1, 2, 30, 3, 4, 5, 6, 7)), 1);
  assert.equal(updater.table.nextId, 10);
});

test('a table that fills is made larger between polls, and not in the middle of one', () => {
  const polls = new Polls();
  const { ingest: updater } = polls;
  const ports = (count: number) => Array.from({ length: count }, (_, i) => line({ port: 1 + i, bytes: 100 }));
  polls.poll(0, ...ports(10));
  const { columns } = updater.table;
  const { capacity } = columns;
  assert.deepEqual([...updater.growChunked()], [], 'there is room');
  polls.poll(1, ...ports(Math.ceil(capacity * 0.9)));
  assert.equal(columns.capacity, capacity);
  const before = polls.flows;
  // Others read it between two steps.
  for (const _ of updater.growChunked()) assert.deepEqual(polls.flows, before);
  assert.ok(columns.capacity > capacity * 1.4);
  const { capacity: now } = columns;
  polls.poll(2, ...ports(Math.ceil(capacity * 1.3)));
  assert.equal(columns.capacity, now);
  assert.deepEqual(
    polls.flows.slice(0, before.length).map(({ id }) => id),
    before.map(({ id }) => id),
  );
});

const entries = fc.uniqueArray(
  fc.record({
    port: fc.nat(9),
    bytes: fc.constantFrom(undefined, 0, 100, 200),
    timeout: fc.constantFrom(50, 51, 300),
    state: fc.constantFrom('ESTABLISHED', 'CLOSE'),
    flag: fc.constantFrom('[ASSURED] ', '', '[OFFLOAD] '),
    unreplied: fc.boolean(),
  }),
  { selector: ({ port }) => port, maxLength: 10 },
);

test('a glance changes nothing but the cost: the table is as if each line had been scanned', () => {
  fc.assert(
    fc.property(fc.array(fc.record({ entries, twice: fc.nat(3) }), { maxLength: 8 }), (polls) => {
      const plain = new Polls();
      const quick = new Polls();
      for (const [second, { entries, twice }] of polls.entries()) {
        const lines = [...entries, ...entries.slice(0, twice)].map(line);
        const cursor = plain.ingest.table.version;
        plain.poll(second, ...lines);
        pollAtAGlance(quick.ingest, second, lines);
        assert.deepEqual(quick.flows, plain.flows);
        assert.deepEqual(changesSince(quick.ingest.table, cursor), changesSince(plain.ingest.table, cursor));
        assert.equal(quick.ingest.duplicates, plain.ingest.duplicates);
        if (second % 3 === 2)
          for (const { ingest: updater } of [plain, quick]) updater.table.reclaim(updater.table.version);
      }
    }),
    { numRuns: 500 },
  );
});
