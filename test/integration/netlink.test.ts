/** What kflow reads by netlink, compared with the kernel's text and with what `conntrack` says of the same table. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, describe, it } from 'node:test';
import { readStats } from '../../src/agent/conntrack/kernel-counters.ts';
import { listConntrack } from '../lab/conntrack.ts';
import { everyKind, insertEveryKind } from '../lab/every-kind.ts';
import { Lab } from '../lab/lab.ts';
import { NetworkNamespace } from '../lab/namespace.ts';
import { readNetlink, readTable } from '../lab/read-table.ts';
import { labUnavailable } from '../lab/requirements.ts';
import { assertSameEntries } from '../lab/same-entries.ts';
import { makeShow, play } from '../lab/show.ts';
import { until } from '../lab/until.ts';

const skip = labUnavailable() ?? false;

describe('netlink', { skip }, () => {
  for (const accounting of [0, 1])
    for (const timestamping of [0, 1])
      describe(`accounting ${accounting}, time stamps ${timestamping}`, () => {
        let namespace: NetworkNamespace;
        before(async () => {
          namespace = await NetworkNamespace.create('netlink');
          await namespace.sysctl({
            'netfilter.nf_conntrack_acct': accounting,
            'netfilter.nf_conntrack_timestamp': timestamping,
          });
          await insertEveryKind(namespace);
        });
        after(() => namespace.close());

        it('reads every kind of entry as procfs and `conntrack -L` do, field by field', async () => {
          const expected = await listConntrack(namespace);
          const { entries, unparsed } = await readNetlink(namespace);
          const text = await readTable(namespace.table);
          assert.equal(unparsed, 0);
          assert.equal(expected.length, everyKind().length);
          assertSameEntries(entries, expected);
          assertSameEntries(entries, text.entries);
          for (const entry of entries) assert.equal(entry.counters.length, accounting ? 4 : 0);
        });

        it("has the kernel's ids, as `conntrack -L -o id` prints them", async () => {
          const list = await namespace.run('conntrack', ['-L', '-o', 'extended,id']);
          const wanted = [...list.matchAll(/ id=(\d+)$/gm)].map(([, id]) => Number(id));
          const { ids } = await readNetlink(namespace);
          assert.equal(new Set(ids).size, everyKind().length);
          assert.deepEqual(ids.toSorted(), wanted.toSorted());
        });

        it(timestamping ? 'takes the age from the time stamp' : 'has no age but its own', async () => {
          await until('a second passes', 5000, async () => {
            const { ages } = await readNetlink(namespace);
            assert.equal(ages.length, everyKind().length);
            for (const age of ages) assert.ok(timestamping ? age >= 1 && age < 60 : age === 0, `age ${age}`);
          });
        });

        it('reports the size, the maximum, the counters and the settings', async () => {
          const { info } = await readNetlink(namespace);
          const maximum = Number(readFileSync('/proc/sys/net/netfilter/nf_conntrack_max', 'utf8'));
          assert.deepEqual([info.entries, info.maxEntries], [everyKind().length, maximum]);
          assert.deepEqual(info.counters, readStats(namespace.table).counters);
          assert.deepEqual(
            [info.accounting, info.timestamping],
            [accounting ? 'on' : 'off', timestamping ? 'on' : 'off'],
          );
        });
      });

  it('counts what the kernel counts', async (t) => {
    const lab = await Lab.create();
    t.after(() => lab.close());
    const { namespace, addPod } = lab.node(1);
    const pod = await addPod('client');
    await lab.outside.peer.streams(443);
    const connection = await pod.peer.connect(lab.outside.address, 443);
    // In the middle of a connection that it does not know any more, the kernel then finds each packet invalid.
    await namespace.sysctl({ 'netfilter.nf_conntrack_tcp_loose': 0 });
    await namespace.run('conntrack', ['-F']);
    await connection.write(10);
    await until('an invalid packet is counted', 5000, async () => {
      const { info } = await readNetlink(namespace);
      assert.ok((info.counters?.invalid ?? 0) > 0);
      // The packet is sent again now and then, and counted.
      const { invalid: _, ...others } = info.counters ?? {};
      const { invalid = 0, ...theirs } = readStats(namespace.table).counters ?? {};
      assert.ok(invalid >= (info.counters?.invalid ?? 0) && invalid <= (info.counters?.invalid ?? 0) + 2);
      assert.deepEqual(others, theirs);
    });
  });

  it('sees real traffic of both families, translated and not, as procfs and `conntrack -L` do', async (t) => {
    const show = await makeShow();
    t.after(() => show.close());
    const stop = new AbortController();
    const playing = play(show, stop.signal);
    await until('some traffic', 10_000, async () => {
      if ((await listConntrack(show.node(1).namespace)).length < 40) throw new Error('not yet');
    });
    stop.abort();
    await playing;
    let translated = 0;
    for (const { namespace, pods } of show.nodes) {
      // The streams would continue, and count, between two readings.
      await Promise.all(pods.map((pod) => pod.namespace.close()));
      // The outside's last packets are still on their way.
      const entries = await until('nothing changes between two readings', 20_000, async () => {
        const expected = await listConntrack(namespace);
        const read = (await readNetlink(namespace)).entries;
        assertSameEntries(read, expected);
        assertSameEntries(read, (await readTable(namespace.table)).entries);
        return read;
      });
      const isTranslated = (one: (typeof entries)[number]) => one.original.destination !== one.reply.source;
      for (const family of [4, 6])
        if (entries.some((one) => one.family === family && isTranslated(one))) translated |= family;
    }
    assert.equal(translated, 4 | 6);
  });
});
