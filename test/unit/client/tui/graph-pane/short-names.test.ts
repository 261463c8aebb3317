import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { shortNames } from '../../../../../src/client/tui/graph-pane/short-names.ts';
import { each } from '../../../../each.ts';

describe('names as they fit', () => {
  it('leaves out the middle', () => {
    const name = 'a-rather-long-name-of-a-node';
    assert.equal(shortNames([name], () => 11).get(name), 'a-rath…node');
  });

  it('keeps what tells names apart', () => {
    const nodes = [7, 8, 19].map((n) => `ip-10-0-133-${n}.eu-west-1.compute.internal`);
    const short = [...shortNames(nodes, () => 14).values()];
    assert.equal(new Set(short).size, 3);
    assert.ok(
      each(short, (name) => name.length <= 14),
      short.join(' '),
    );
    assert.ok(short[2]?.includes('19'));
  });

  it('never takes more cells than there are', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.stringMatching(/^[a-z./-]{1,40}$/), { maxLength: 8 }),
        fc.integer({ min: 1, max: 30 }),
        (names, width) => {
          for (const name of shortNames(names, () => width).values()) assert.ok(name.length <= width);
        },
      ),
    );
  });
});
