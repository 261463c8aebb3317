import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { ADDRESS_BYTES, parseAddress } from '../../../src/flow/address.ts';
import { AddressColumn, ROW_ADDRESS_BYTES, ROW_ADDRESSES } from '../../../src/flow/address-column.ts';

const ROWS = 8;
const IPV4 = ['0.0.0.0', '10.0.0.1', '192.0.2.200', '255.255.255.255'];
const IPV6 = ['::', '::1', '2001:db8::1', '2001:db8::2', 'fe80::1:2:3', 'ff02::fb'];

const row = fc
  .constantFrom(IPV4, IPV6)
  .chain((pool) => fc.array(fc.constantFrom(...pool), { minLength: ROW_ADDRESSES, maxLength: ROW_ADDRESSES }));
const step = fc.record({ slot: fc.nat(ROWS - 1), addresses: row });

function write(column: AddressColumn, slot: number, addresses: readonly string[]): number {
  const bytes = new Uint8Array(ROW_ADDRESS_BYTES);
  const families = addresses.map((text, end) => parseAddress(text, bytes, end * ADDRESS_BYTES) ?? 0);
  column.write(slot, families[0] ?? 0, bytes);
  return families[0] ?? 0;
}

test('rows read as they were written, whatever came and went before, and equal cells of a row are equal addresses', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      const column = new AddressColumn();
      column.grow(ROWS);
      const rows = new Map<number, { family: number; addresses: readonly string[] }>();
      for (const { slot, addresses } of steps) {
        const before = rows.get(slot);
        if (before !== undefined) column.clear(slot, before.family);
        rows.set(slot, { family: write(column, slot, addresses), addresses });
        for (const [known, { family, addresses: wanted }] of rows) {
          const first = known * ROW_ADDRESSES;
          for (let end = 0; end < ROW_ADDRESSES; end++) {
            assert.equal(column.format(family, first + end), wanted[end]);
            for (let other = 0; other < end; other++)
              assert.equal(column.cells[first + end] === column.cells[first + other], wanted[end] === wanted[other]);
          }
        }
      }
    }),
  );
});

test('the addresses of rows that are gone make room for others', () => {
  const column = new AddressColumn();
  column.grow(ROWS);
  for (let round = 0; round < 1000; round++) {
    for (let slot = 0; slot < ROWS; slot++) {
      const address = `2001:db8::${round.toString(16)}:${slot + 1}`;
      write(column, slot, [address, `${address}a`, `${address}b`, address]);
    }
    for (let slot = 0; slot < ROWS; slot++) column.clear(slot, 6);
  }
  assert.ok(column.ipv6.length <= 64 * ADDRESS_BYTES, `${column.ipv6.length} bytes`);
});

test('a row without addresses reads as unspecified, and takes nothing away from another', () => {
  const column = new AddressColumn();
  column.grow(ROWS);
  assert.equal(column.format(6, 0), '::');
  assert.equal(column.format(4, 0), '0.0.0.0');
  column.clear(0, 6);
  column.clear(0, 6);
  write(column, 1, ['2001:db8::1', '2001:db8::2', '2001:db8::2', '2001:db8::1']);
  write(column, 2, ['2001:db8::3', '2001:db8::4', '2001:db8::4', '2001:db8::3']);
  assert.equal(column.format(6, 1 * ROW_ADDRESSES), '2001:db8::1');
  assert.equal(column.format(6, 2 * ROW_ADDRESSES + 1), '2001:db8::4');
});
