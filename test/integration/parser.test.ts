/** What kflow reads from the kernel's text, compared with what `conntrack` says of the same table. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { countEntries, insertEntries, listConntrack } from '../lab/conntrack.ts';
import { everyKind, insertEveryKind } from '../lab/every-kind.ts';
import { NetworkNamespace } from '../lab/namespace.ts';
import { readTable } from '../lab/read-table.ts';
import { labUnavailable } from '../lab/requirements.ts';
import { assertSameEntries } from '../lab/same-entries.ts';
import { until } from '../lab/until.ts';

const skip = labUnavailable() ?? false;

describe("the parser, on the kernel's own text", { skip }, () => {
  for (const accounting of [0, 1])
    for (const timestamping of [0, 1])
      describe(`accounting ${accounting}, time stamps ${timestamping}`, () => {
        let namespace: NetworkNamespace;
        before(async () => {
          namespace = await NetworkNamespace.create('parser');
          await namespace.sysctl({
            'netfilter.nf_conntrack_acct': accounting,
            'netfilter.nf_conntrack_timestamp': timestamping,
          });
          await insertEveryKind(namespace);
        });
        after(() => namespace.close());

        it('reads every kind of entry as `conntrack -L -o xml` does, field by field', async () => {
          const expected = await listConntrack(namespace);
          const { entries, unparsed } = await readTable(namespace.table);
          assert.equal(unparsed, 0);
          assert.equal(expected.length, everyKind().length);
          assert.equal(new Set(expected.map((entry) => entry.state)).size, 17);
          assertSameEntries(entries, expected);
          for (const entry of entries) assert.equal(entry.counters.length, accounting ? 4 : 0);
        });

        it(timestamping ? 'takes the age from the time stamp' : 'has no age but its own', async () => {
          await until('a second passes', 5000, async () => {
            const { ages } = await readTable(namespace.table);
            for (const age of ages) assert.ok(timestamping ? age >= 1 && age < 60 : age === 0, `age ${age}`);
          });
        });
      });

  it('loses no line of 9,000, and does not read one twice', async (t) => {
    const namespace = await NetworkNamespace.create('parser');
    t.after(() => namespace.close());
    const wanted = new Set<string>();
    const lines: string[] = [];
    for (let i = 0; i < 9_000; i++) {
      const source = i % 2 ? `10.1.${i >> 9}.${(i >> 1) & 255}` : `fd00::${((i >> 1) + 1).toString(16)}`;
      const destination = i % 2 ? '192.0.2.1' : '2001:db8::1';
      lines.push(
        `-p udp -s ${source} -d ${destination} --sport ${1000 + (i % 5000)} --dport 53 -t ${600 + (i % 99999)}`,
      );
      wanted.add(`${source} ${1000 + (i % 5000)} ${destination} 53`);
    }
    await insertEntries(namespace, lines);
    assert.equal(await countEntries(namespace), 9_000);
    const { entries, unparsed } = await readTable(namespace.table);
    assert.equal(unparsed, 0);
    assert.equal(entries.length, 9_000);
    for (const { original, reply } of entries) {
      const key = `${original.source} ${original.sourcePort} ${original.destination} ${original.destinationPort}`;
      assert.ok(wanted.delete(key), `not wanted, or twice: ${key}`);
      assert.equal(reply.source, original.destination);
      assert.equal(reply.destinationPort, original.sourcePort);
    }
    assert.equal(wanted.size, 0);
  });

  it('has a table without entries for a namespace that tracks nothing', async (t) => {
    const namespace = await NetworkNamespace.create('parser');
    t.after(() => namespace.close());
    assert.deepEqual(await readTable(namespace.table), { entries: [], ages: [], unparsed: 0 });
  });
});
