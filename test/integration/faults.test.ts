/** An agent over a kernel's table that is empty, full, gone and there again. */
import assert from 'node:assert/strict';
import { renameSync, symlinkSync } from 'node:fs';
import { describe, it } from 'node:test';
import { status } from '@grpc/grpc-js';
import { LabAgent } from '../lab/agent.ts';
import { countEntries, insertEntries, insertEntry } from '../lab/conntrack.ts';
import { makeFolder } from '../lab/folder.ts';
import { NetworkNamespace } from '../lab/namespace.ts';
import { labUnavailable } from '../lab/requirements.ts';
import { lowerTableMaximum } from '../lab/table-maximum.ts';
import { until } from '../lab/until.ts';
import { ECHO_PORT, LATE_MS, makeOneNode } from './one-node.ts';

const skip = labUnavailable() ?? false;
const ENTRY = '-p udp -s 10.0.0.1 -d 192.0.2.1 --dport 53 -t 600';

describe('faults of the table', { skip }, () => {
  for (const [source, path] of [
    ['procfs', '/proc/net/nf_conntrack'],
    ['netlink', 'netlink'],
  ] as const)
    it(`an empty table is a table (${source}): polls continue, and an entry comes in time`, async (t) => {
      const namespace = await NetworkNamespace.create('empty');
      t.after(() => namespace.close());
      const environment = { KFLOW_SOURCE: source };
      const agent = await LabAgent.start(namespace, { folder: makeFolder(), interval: '500ms', environment });
      const watch = agent.watch();
      for (const poll of [await watch.next(), await watch.next()]) {
        assert.equal(poll.last.poll?.entries, 0);
        assert.equal(poll.last.pollError, undefined);
        assert.equal(poll.flows.length, 0);
      }
      const info = await agent.about();
      assert.equal(info.path, path);
      assert.equal(info.entries, 0);
      const since = watch.polls.length;
      await insertEntry(namespace, ...`${ENTRY} --sport 7`.split(' '));
      const at = performance.now();
      const poll = await watch.until('the flow', 3000, (poll) => (poll.added.length > 0 ? poll : undefined), since);
      assert.ok(poll.receivedAt - at <= LATE_MS);
      assert.equal(await agent.stop(), 0);
    });

  it('a table whose namespace is gone is an error, its flows stay until another takes its place', async (t) => {
    const folder = makeFolder();
    const path = `${folder}/table`;
    const point = (table: string) => {
      symlinkSync(table, `${path}.new`);
      renameSync(`${path}.new`, path);
    };
    const home = await NetworkNamespace.create('home');
    const first = await NetworkNamespace.create('first');
    const second = await NetworkNamespace.create('second');
    t.after(() => Promise.all([home, first, second].map((namespace) => namespace.close())));
    await insertEntries(first, [`${ENTRY} --sport 1`, `${ENTRY} --sport 2`]);
    await insertEntries(second, [`${ENTRY} --sport 2`, `${ENTRY} --sport 3`]);
    await insertEntries(home, [`${ENTRY} --sport 4`]);
    point(first.table);
    const agent = await LabAgent.start(home, { folder, interval: '500ms', environment: { CONNTRACK_PATH: path } });
    t.after(() => agent.stop());
    const ports = (flows: readonly { original: { sourcePort?: number } }[]) =>
      flows.map(({ original }) => original.sourcePort).toSorted();
    const watch = agent.watch();
    assert.deepEqual(ports((await watch.next()).flows), [1, 2]);

    await first.close();
    const failed = await watch.until('an error', 5000, (poll) => (poll.last.pollError ? poll : undefined));
    assert.match(failed.last.pollError ?? '', /table: ENOENT/);
    assert.deepEqual(ports(failed.flows), [1, 2]);
    assert.match((await agent.about()).unavailableReason ?? '', /ENOENT/);
    const refused = await agent.watch().ended();
    assert.equal((refused as { code?: number }).code, status.UNAVAILABLE);
    assert.match(refused.message, /ENOENT/);

    point(second.table);
    const back = await watch.until('the other table', 10_000, (poll) => (poll.last.pollError ? undefined : poll));
    assert.deepEqual(ports(back.flows), [2, 3]);
    assert.equal((await agent.about()).unavailableReason, undefined);
    assert.match(agent.log, /can no longer be read: ENOENT/);
  });

  it('a full table: all of it, and the kernel counts what it dropped', { timeout: 120_000 }, async (t) => {
    const most = await lowerTableMaximum(20_000, (undo) => t.after(undo));
    const one = await makeOneNode();
    t.after(() => one.close());
    const { namespace } = one.node;
    // Assured ones: the kernel drops others early, to make room.
    const entries = Array.from(
      { length: most },
      (_, i) =>
        `-p udp -s 10.${1 + (i >> 16)}.${(i >> 8) & 255}.${i & 255} -d 192.0.2.1 --sport 9 --dport 53 ` +
        '-t 6000 -u SEEN_REPLY,ASSURED',
    );
    await insertEntries(namespace, entries.slice(await countEntries(namespace)));
    const { peer } = one.client;
    for (let i = 0; i < 20; i++) await peer.ask(one.lab.outside.address, ECHO_PORT, 40, { wait: false });
    const info = await one.agent.about();
    assert.equal(info.maxEntries, most);
    assert.ok((info.entries ?? 0) >= most, `${info.entries} of ${most}`);
    await until('the kernel says that it dropped packets', 5000, async () => {
      const { counters } = await one.agent.about();
      assert.ok((counters?.drop ?? 0) > 0, JSON.stringify(counters));
    });
    const watch = one.agent.watch();
    const poll = await watch.until('the whole table', 30_000, (poll) => poll);
    assert.equal(poll.last.poll?.unparsedLines, 0);
    assert.equal(poll.flows.length, await countEntries(namespace));
    assert.ok((poll.last.poll?.intervalSeconds ?? 0) >= 0.5);
  });
});
