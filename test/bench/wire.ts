import { ROW_ADDRESSES } from '../../src/flow/address-column.ts';
import { applyDelta } from '../../src/flow/apply.ts';
import { changesSince } from '../../src/flow/changes.ts';
import { HAS_PORTS, REPLIED, ROW_PORTS } from '../../src/flow/columns.ts';
import { readFlow } from '../../src/flow/flow.ts';
import { FlowTable } from '../../src/flow/flow-table.ts';
import { UDP } from '../../src/flow/protocol.ts';
import { decodeResponse } from '../../src/wire/decode.ts';
import { encodeChanges } from '../../src/wire/encode.ts';
import { FlowServiceClient } from '../../src/wire/service.ts';
import { verdict } from './verdict.ts';

const NOW = 1_700_000_000_000;
const END = { observedAt: NOW, poll: {} };
const { responseDeserialize } = FlowServiceClient.service.WatchFlows;

/** From a table to bytes to a table, without a network: a snapshot, changes, and how many bytes they are. */
export function run(): void {
  const table = makeTable(250_000);
  let messages: Buffer[] = [];
  const encode = median(() => {
    messages = [...encodeChanges(table, changesSince(table, 0), END, 1)].map(({ bytes }) => bytes);
  });
  const decode = median(() => {
    const replica = new FlowTable();
    for (const bytes of messages) applyDelta(replica, decodeResponse(responseDeserialize(bytes), Date.now()).delta);
  });
  process.stdout.write(
    `wire: a snapshot of 250000 flows: encoded in ${encode.toFixed(0)} ms, decoded and applied in ${decode.toFixed(0)} ms\n`,
  );
  const changed = median(() => {
    touch(table, 10_000);
    for (const _ of encodeChanges(table, changesSince(table, table.version - 1), END, 1));
  });
  verdict('10,000 of 250,000 flows changed in a second, share of a core', changed / 1000, 0.1, '', 4);

  const small = makeTable(10_000);
  touch(small, 500);
  const sent = [...encodeChanges(small, changesSince(small, small.version - 1), END, 1)];
  const bytes = sent.reduce((sum, message) => sum + message.bytes.length, 0);
  const json = JSON.stringify(Array.from({ length: small.end }, (_, slot) => readFlow(small, slot))).length;
  verdict('bytes of a poll in which 5% of 10,000 flows changed, beside the table as JSON', bytes / json, 0.05, '', 4);
}

function makeTable(size: number): FlowTable {
  const table = new FlowTable();
  table.reserve(size);
  const { columns } = table;
  for (let n = 0; n < size; n++) {
    const slot = table.insert();
    columns.family[slot] = 4;
    columns.protocol[slot] = UDP;
    columns.flags[slot] = REPLIED | HAS_PORTS;
    columns.expiresAt[slot] = NOW / 1000 + (n % 600);
    columns.firstSeenAt[slot] = NOW - n;
    columns.originalPackets.set(slot, n % 1000);
    columns.replyPackets.set(slot, n % 1000);
    columns.originalBytes.set(slot, n * 100);
    columns.replyBytes.set(slot, n * 100);
    columns.originalRate[slot] = columns.replyRate[slot] = n / 3;
    for (let end = 0; end < 4; end++) {
      columns.addresses.cells[slot * ROW_ADDRESSES + end] = (10 << 24) | n;
      columns.ports[slot * ROW_PORTS + end] = n & 0xffff;
    }
  }
  table.commit(NOW);
  return table;
}

function touch(table: FlowTable, count: number): void {
  const step = Math.floor(table.end / count);
  for (let n = 0; n < count; n++) table.markStatsChanged(n * step);
  table.commit(NOW);
}

/** CPU time of this process, in milliseconds: of five runs. */
function median(work: () => void): number {
  const times = Array.from({ length: 5 }, () => {
    globalThis.gc?.();
    const before = process.cpuUsage();
    work();
    const { user, system } = process.cpuUsage(before);
    return (user + system) / 1000;
  });
  return times.toSorted((a, b) => a - b)[2] ?? Number.NaN;
}

if (import.meta.main) run();
