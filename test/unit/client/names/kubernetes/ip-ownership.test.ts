import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { Endpoint } from '../../../../../src/client/model/connection.ts';
import { IpOwnership } from '../../../../../src/client/names/kubernetes/ip-ownership.ts';

const endpoint = (name: string, address = '10.0.0.1'): Endpoint => ({ address, kind: 'pod', name });
const MINUTE = 60_000;

describe('Tenures', () => {
  it('answers who had the address at the time', () => {
    const tenures = new IpOwnership();
    const [a, b] = [endpoint('a'), endpoint('b')];
    tenures.assign('1', 10 * MINUTE, a);
    tenures.release('1', '10.0.0.1', 20 * MINUTE);
    tenures.assign('2', 30 * MINUTE, b);
    assert.equal(tenures.ownerAt('10.0.0.1', 15 * MINUTE), a);
    assert.equal(tenures.ownerAt('10.0.0.1', 21 * MINUTE), a, 'what is left of its connections');
    assert.equal(tenures.ownerAt('10.0.0.1', 25 * MINUTE), undefined, 'nobody had it');
    assert.equal(tenures.ownerAt('10.0.0.1', 30 * MINUTE), b);
    assert.equal(tenures.ownerAt('10.0.0.1', 9.5 * MINUTE), a, 'clocks differ');
    assert.equal(tenures.ownerAt('10.0.0.1', 5 * MINUTE), undefined, 'somebody unknown');
    assert.equal(tenures.ownerAt('10.0.0.2', 15 * MINUTE), undefined);
  });

  it('takes the news in any order: the new owner first, then the end of the old', () => {
    const tenures = new IpOwnership();
    const [a, b] = [endpoint('a'), endpoint('b')];
    tenures.assign('1', 1 * MINUTE, a);
    tenures.assign('2', 5 * MINUTE, b);
    tenures.release('1', '10.0.0.1', 6 * MINUTE);
    assert.equal(tenures.ownerAt('10.0.0.1', 4 * MINUTE), a);
    assert.equal(tenures.ownerAt('10.0.0.1', 5 * MINUTE)?.name, undefined, 'a pod starts before it has its address');
    assert.equal(tenures.ownerAt('10.0.0.1', 5.5 * MINUTE), b);
  });

  it('keeps the object while the answer is the same', () => {
    const tenures = new IpOwnership();
    const first = endpoint('a');
    assert.equal(tenures.assign('1', 1, first), true);
    assert.equal(tenures.assign('1', 1, endpoint('a')), false);
    assert.equal(tenures.ownerAt('10.0.0.1', 2), first);
    assert.equal(tenures.assign('1', 1, endpoint('renamed')), true);
    assert.equal(tenures.ownerAt('10.0.0.1', 2)?.name, 'renamed');
  });

  it('gives another object where one of the candidates is another', () => {
    const tenures = new IpOwnership();
    tenures.assign('1', 1000, endpoint('a'), 2000);
    tenures.assign('2', 3000, endpoint('b'));
    const between = () => tenures.ownerAt('10.0.0.1', 60_000, 1500);
    const first = between();
    assert.deepEqual(
      first?.candidates?.map(({ name }) => name),
      ['a', 'b'],
    );
    assert.equal(between(), first);
    tenures.assign('2', 3000, endpoint('c'));
    assert.deepEqual(
      between()?.candidates?.map(({ name }) => name),
      ['a', 'c'],
    );
  });

  it('lets one whose beginning is unknown follow the one before', () => {
    const tenures = new IpOwnership();
    tenures.assign('1', 0, endpoint('a'));
    tenures.release('1', '10.0.0.1', 5 * MINUTE);
    tenures.assign('2', 0, endpoint('b'));
    assert.deepEqual(
      [4, 6].map((at) => tenures.ownerAt('10.0.0.1', at * MINUTE)?.name),
      ['a', 'b'],
    );
  });

  it('never gives the time of an owner that is forgotten to another', () => {
    const tenures = new IpOwnership();
    const SECOND = 1000;
    for (let i = 0; i < 9; i++) {
      const begin = MINUTE + i * 10 * SECOND;
      tenures.release(`${i - 1}`, '10.0.0.1', begin);
      tenures.assign(`${i}`, begin, endpoint(`p${i}`));
    }
    const then = (i: number) => tenures.ownerAt('10.0.0.1', MINUTE + i * 10 * SECOND + 5 * SECOND)?.name;
    assert.deepEqual([0, 1, 2, 7, 8].map(then), [undefined, 'p1', 'p2', 'p7', 'p8']);
    const uncertain = tenures.ownerAt('10.0.0.1', 10 * MINUTE, Number.NEGATIVE_INFINITY);
    assert.deepEqual([uncertain?.name, uncertain?.candidates?.length], [undefined, 8]);
  });

  it('nor where too many have ended', () => {
    const tenures = new IpOwnership(1);
    tenures.assign('1', MINUTE, endpoint('a'));
    tenures.release('1', '10.0.0.1', 2 * MINUTE);
    tenures.assign('2', 2 * MINUTE, endpoint('b'));
    tenures.assign('3', MINUTE, endpoint('c', '10.0.0.2'));
    tenures.release('3', '10.0.0.2', 3 * MINUTE);
    assert.deepEqual(
      [1.5, 2].map((minute) => tenures.ownerAt('10.0.0.1', minute * MINUTE)?.name),
      [undefined, 'b'],
    );
  });

  it('nor to the next one, whose clock may be another', () => {
    const tenures = new IpOwnership(1);
    tenures.assign('1', MINUTE, endpoint('a'));
    tenures.release('1', '10.0.0.1', 2 * MINUTE);
    tenures.assign('2', 2.1 * MINUTE, endpoint('b'));
    tenures.release('2', '10.0.0.1', 3 * MINUTE);
    assert.equal(tenures.ownerAt('10.0.0.1', 2.05 * MINUTE, 1.5 * MINUTE), undefined);
    assert.equal(tenures.ownerAt('10.0.0.1', 2.05 * MINUTE), undefined);
  });

  it('gives an address back to one that had it before', () => {
    const tenures = new IpOwnership();
    tenures.assign('1', MINUTE, endpoint('a'));
    tenures.release('1', '10.0.0.1', 5 * MINUTE);
    tenures.assign('2', 5 * MINUTE, endpoint('b'));
    tenures.release('2', '10.0.0.1', 9 * MINUTE);
    tenures.assign('1', MINUTE, endpoint('a'));
    assert.deepEqual(
      [4, 6, 10, 99].map((minute) => tenures.ownerAt('10.0.0.1', minute * MINUTE)?.name),
      ['a', 'b', 'a', 'a'],
    );
  });

  it('is never wrong about who had an address: it knows, or it does not', () => {
    const hops = fc.array(fc.record({ gap: fc.integer({ min: 0, max: 90 }), had: fc.integer({ min: 1, max: 300 }) }), {
      minLength: 1,
      maxLength: 14,
    });
    fc.assert(
      fc.property(hops, fc.nat(6), fc.integer({ min: 0, max: 4000 }), fc.nat(4000), (owners, most, second, ago) => {
        const tenures = new IpOwnership(most + 1);
        const truth: { from: number; to: number }[] = [];
        let now = 3_600;
        for (const [i, { gap, had }] of owners.entries()) {
          const from = now + gap;
          now = from + had;
          truth.push({ from, to: now });
          tenures.assign(`${i}`, from * 1000, endpoint(`${i}`));
          tenures.release(`${i}`, '10.0.0.1', now * 1000);
        }
        const began = 3_600 + second;
        const owner = truth.findIndex(({ from, to }) => from <= began && began < to);
        const exact = tenures.ownerAt('10.0.0.1', began * 1000)?.name;
        if (owner >= 0) assert.ok(exact === undefined || exact === `${owner}`);
        const seen = Math.min(now, began + ago);
        if (owner < 0 || seen < began) return;
        const range = tenures.ownerAt('10.0.0.1', seen * 1000, (began - (ago % 7)) * 1000);
        assert.ok(range?.name === undefined || range.name === `${owner}`, `${range?.name}, was ${owner}`);
      }),
    );
  });

  it('is bounded by what is held now, and a fixed number of what is over', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(5), fc.nat(20), fc.boolean()), { maxLength: 200 }), (steps) => {
        const tenures = new IpOwnership(10);
        const held = new Set<string>();
        let now = 0;
        for (const [address, owner, begins] of steps) {
          now++;
          if (begins) tenures.assign(`${owner}`, now, endpoint(`${owner}`, `${address}`));
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
        const tenures = new IpOwnership(5);
        owners.forEach((owner, i) => {
          tenures.release(`${i - 1}`, '10.0.0.1', i);
          tenures.assign(`${i}`, i, endpoint(`p${owner}`));
        });
        assert.equal(tenures.ownerAt('10.0.0.1', owners.length)?.name, `p${owners.at(-1)}`);
      }),
    );
  });
});
