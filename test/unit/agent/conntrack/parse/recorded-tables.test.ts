/** Tables that a kernel printed, and what `conntrack` said of them then. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { Entry } from '../../../../lab/conntrack.ts';
import { readTable } from '../../../../lab/read-table.ts';
import { assertSameEntries } from '../../../../lab/same-entries.ts';

const FOLDER = fileURLToPath(new URL('../../../../fixtures/tables/', import.meta.url));

describe('recorded tables', () => {
  const names = readdirSync(FOLDER).filter((name) => name.endsWith('.txt'));
  assert.ok(names.length >= 5);
  for (const name of names)
    it(`${name} is read as conntrack read it, field by field`, async () => {
      const lines = readFileSync(`${FOLDER}${name.replace(/txt$/, 'jsonl')}`, 'utf8')
        .trim()
        .split('\n');
      const expected = lines.map((line) => JSON.parse(line) as Entry);
      const { entries, unparsed } = await readTable(`${FOLDER}${name}`);
      assert.equal(unparsed, 0);
      assert.ok(expected.length >= 20);
      assertSameEntries(entries, expected);
    });
});
