/** Tables that a kernel dumped by netlink, and what `conntrack` said of them then. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { NetlinkSource } from '../../../../../../src/agent/conntrack/netlink/netlink-source.ts';
import type { Entry } from '../../../../../lab/conntrack.ts';
import { concat, messageSource, readRecordedDump } from '../../../../../lab/netlink-messages.ts';
import { readSource, readTable } from '../../../../../lab/read-table.ts';
import { assertSameEntries } from '../../../../../lab/same-entries.ts';

const FOLDER = fileURLToPath(new URL('../../../../../fixtures/tables/', import.meta.url));

describe('recorded dumps', () => {
  const names = readdirSync(FOLDER)
    .filter((name) => name.endsWith('.netlink.gz'))
    .map((name) => name.replace('.netlink.gz', ''));
  assert.ok(names.length >= 5);
  for (const name of names) {
    it(`${name} is read as conntrack and the text of procfs have it, field by field`, async () => {
      const lines = readFileSync(`${FOLDER}${name}.jsonl`, 'utf8').trim().split('\n');
      const expected = lines.map((line) => JSON.parse(line) as Entry);
      const { entries, unparsed } = await readSource(
        new NetlinkSource(messageSource(readRecordedDump(`${FOLDER}${name}.netlink.gz`))),
      );
      assert.equal(unparsed, 0);
      assert.ok(expected.length >= 20);
      assertSameEntries(entries, expected);
      assertSameEntries(entries, (await readTable(`${FOLDER}${name}.txt`)).entries);
    });

    it(`${name}: where a buffer ends does not matter`, async () => {
      const buffers = readRecordedDump(`${FOLDER}${name}.netlink.gz`);
      assert.ok(buffers.length > 1);
      const inOne = await readSource(new NetlinkSource(messageSource([concat(buffers)])), 0);
      assert.deepEqual(inOne.entries, (await readSource(new NetlinkSource(messageSource(buffers)), 0)).entries);
    });
  }
});
