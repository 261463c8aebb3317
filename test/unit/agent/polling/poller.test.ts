import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { firstValueFrom, skip } from 'rxjs';
import { EPERM, NetlinkError } from '../../../../src/agent/conntrack/netlink/netlink-error.ts';
import { NetlinkSource } from '../../../../src/agent/conntrack/netlink/netlink-source.ts';
import * as nl from '../../../../src/agent/conntrack/netlink/parse/numbers.ts';
import { fileCandidate, type TableCandidate } from '../../../../src/agent/conntrack/table-candidate.ts';
import { TableFinder } from '../../../../src/agent/conntrack/table-finder.ts';
import { SILENT_LOG } from '../../../../src/agent/log.ts';
import { type PollResult, PollTotals, pollTable } from '../../../../src/agent/polling/poller.ts';
import { readFlow } from '../../../../src/flow/flow.ts';
import { counters, done, entry, messageSource } from '../../../lab/netlink-messages.ts';
import { lineOf } from '../file-agent.ts';

const flowsOf = ({ table }: PollResult) =>
  Array.from({ length: table.end }, (_, slot) => slot)
    .filter((slot) => table.isLive(slot))
    .map((slot) => readFlow(table, slot));

test('a table that is read in another way from now on has no new connections, and no rates by the old ones', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'kflow-poller-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const path = join(folder, 'table');
  // The same connection in both: 10.0.0.1:4000 → …
  writeFileSync(path, lineOf({ port: 4000, bytes: 900 }));
  const count = [counters(nl.CTA_COUNTERS_ORIG, 1, 500), counters(nl.CTA_COUNTERS_REPLY, 1, 500)];
  const table = [entry({}, nl.IPS_SEEN_REPLY, ...count), done()];
  // Two polls, and then never again.
  const source = new NetlinkSource(messageSource(table, table, new NetlinkError(EPERM, 'socket')));
  let outcome = 'ok';
  const netlink: TableCandidate = {
    kind: 'netlink',
    path: 'netlink',
    reason: 'a test',
    network: () => 'one',
    probe: () => outcome,
    check: () => outcome,
    findUnparsed: () => undefined,
    open: () => source,
  };
  const file = { ...fileCandidate(path, 'a test'), network: () => 'one' };
  const finder = new TableFinder({ findCandidates: () => [netlink, file], log: SILENT_LOG });
  t.after(() => finder.close());
  const polls$ = pollTable({
    finder,
    intervalMs: 50,
    maxDuty: 1,
    minSubscriberVersion: ({ version }) => version,
    totals: new PollTotals(),
    log: SILENT_LOG,
  });
  const kept = polls$.subscribe();
  t.after(() => kept.unsubscribe());
  const second = await firstValueFrom(polls$.pipe(skip(1)));
  const [known] = flowsOf(second);
  assert.deepEqual([second.entries, known?.stats.originalRate], [1, 0]);
  outcome = 'EPERM: no longer';
  const failed = await firstValueFrom(polls$.pipe(skip(1)));
  assert.match(failed.error ?? '', /netlink: EPERM/);
  finder.retryNow();
  assert.equal(finder.source?.kind, 'procfs');
  const first = await firstValueFrom(polls$.pipe(skip(1)));
  assert.equal(first.error, undefined);
  const [flow, ...more] = flowsOf(first);
  assert.deepEqual([flow?.stats.original.bytes, flow?.stats.originalRate, flow?.startKnown], [900, undefined, false]);
  assert.equal(more.length, 0);
  assert.notEqual(flow?.id, known?.id);
});
