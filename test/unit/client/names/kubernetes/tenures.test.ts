import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { Party } from '../../../../../src/client/model.ts';
import { Tenures } from '../../../../../src/client/names/kubernetes/tenures.ts';

const party = (name: string, address = '10.0.0.1'): Party => ({ address, kind: 'pod', name });
const MINUTE = 60_000;

describe('Tenures', () => {
  it('answers who had the address at the time', () => {
    const tenures = new Tenures();
    const [a, b] = [party('a'), party('b')];
    tenures.hold('1', 10 * MINUTE, a);
    tenures.release('1', '10.0.0.1', 20 * MINUTE);
    tenures.hold('2', 30 * MINUTE, b);
    assert.equal(tenures.party('10.0.0.1', 15 * MINUTE), a);
    assert.equal(tenures.party('10.0.0.1', 21 * MINUTE), a, 'what is left of its connections');
    assert.equal(tenures.party('10.0.0.1', 25 * MINUTE), undefined, 'nobody had it');
    assert.equal(tenures.party('10.0.0.1', 30 * MINUTE), b);
    assert.equal(tenures.party('10.0.0.1', 9.5 * MINUTE), a, 'clocks differ');
    assert.equal(tenures.party('10.0.0.1', 5 * MINUTE), undefined, 'somebody unknown');
    assert.equal(tenures.party('10.0.0.2', 15 * MINUTE), undefined);
  });

  it('takes the news in any order: the new owner first, then the end of the old', () => {
    const tenures = new Tenures();
    const [a, b] = [party('a'), party('b')];
    tenures.hold('1', 1 * MINUTE, a);
    tenures.hold('2', 5 * MINUTE, b);
    tenures.release('1', '10.0.0.1', 6 * MINUTE);
    assert.equal(tenures.party('10.0.0.1', 4 * MINUTE), a);
    assert.equal(tenures.party('10.0.0.1', 5 * MINUTE), b);
  });

  it('keeps the object while the answer is the same', () => {
    const tenures = new Tenures();
    const first = party('a');
    assert.equal(tenures.hold('1', 1, first), true);
    assert.equal(tenures.hold('1', 1, party('a')), false);
    assert.equal(tenures.party('10.0.0.1', 2), first);
    assert.equal(tenures.hold('1', 1, party('renamed')), true);
    assert.equal(tenures.party('10.0.0.1', 2)?.name, 'renamed');
  });

  it('lets one whose beginning is unknown follow the one before', () => {
    const tenures = new Tenures();
    tenures.hold('1', 0, party('a'));
    tenures.release('1', '10.0.0.1', 5 * MINUTE);
    tenures.hold('2', 0, party('b'));
    assert.deepEqual(
      [4, 6].map((at) => tenures.party('10.0.0.1', at * MINUTE)?.name),
      ['a', 'b'],
    );
  });

  it('is bounded by what is held now, and a fixed number of what is over', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(5), fc.nat(20), fc.boolean()), { maxLength: 200 }), (steps) => {
        const tenures = new Tenures(10);
        const held = new Set<string>();
        let now = 0;
        for (const [address, owner, begins] of steps) {
          now++;
          if (begins) tenures.hold(`${owner}`, now, party(`${owner}`, `${address}`));
          else tenures.release(`${owner}`, `${address}`, now);
          const key = `${address} ${owner}`;
          if (begins) held.add(key);
          else held.delete(key);
          assert.ok(tenures.size <= held.size + 10);
        }
      }),
    );
  });

  it('always knows the last owner, where it still has the address', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(30), { minLength: 1, maxLength: 60 }), (owners) => {
        const tenures = new Tenures(5);
        owners.forEach((owner, i) => {
          tenures.release(`${i - 1}`, '10.0.0.1', i);
          tenures.hold(`${i}`, i, party(`p${owner}`));
        });
        assert.equal(tenures.party('10.0.0.1', owners.length)?.name, `p${owners.at(-1)}`);
      }),
    );
  });
});
