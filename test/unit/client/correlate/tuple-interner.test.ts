import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { isUntranslated, TupleInterner } from '../../../../src/client/correlate/tuple-interner.ts';
import { writeFlow } from '../../../../src/flow/flow.ts';
import { FlowTable } from '../../../../src/flow/flow-table.ts';
import { TCP, UDP } from '../../../../src/flow/protocol.ts';
import { flow } from './builders.ts';

const address = fc.constantFrom('10.0.0.1', '10.0.0.2', '0.0.0.0', '255.255.255.255');
const address6 = fc.constantFrom('fd00::1', 'fd00::2', 'fd01::1', '::', 'a00:1::');
const port = fc.constantFrom(0, 1, 0x8000, 0xffff);
const ends = fc.oneof(fc.tuple(address, address), fc.tuple(address6, address6));

test('two pairs have the same number if and only if they are the same; all is given back in the end', () => {
  const pair = fc.record({ ends, ports: fc.tuple(port, port), protocol: fc.constantFrom(TCP, UDP, 132) });
  fc.assert(
    fc.property(fc.array(pair, { maxLength: 30 }), (pairs) => {
      const table = new FlowTable();
      const book = new TupleInterner();
      const numbers = new Map<string, number>();
      const held: number[] = [];
      for (const {
        ends: [source, destination],
        ports,
        protocol,
      } of pairs) {
        const original = { source, destination, sourcePort: ports[0], destinationPort: ports[1] };
        const reply = { source: destination, destination: source, sourcePort: ports[1], destinationPort: ports[0] };
        const slot = writeFlow(table, flow(original, reply, { protocol })) as number;
        const entering = book.acquireEntering(table.columns, slot, 'node');
        const leaving = book.acquireLeaving(table.columns, slot, 'node');
        held.push(entering, leaving);
        assert.equal(entering, leaving);
        assert.ok(isUntranslated(table.columns, slot));
        const key = JSON.stringify([original, protocol]);
        const known = numbers.get(key);
        if (known === undefined) assert.ok(![...numbers.values()].includes(entering));
        else assert.equal(entering, known);
        numbers.set(key, entering);
        assert.deepEqual(book.forward(entering), {
          source: { address: source, port: ports[0] },
          destination: { address: destination, port: ports[1] },
        });
        assert.equal(book.protocol(entering), protocol);
      }
      assert.equal(book.size, numbers.size);
      for (const number of held) book.release(number);
      assert.equal(book.size, 0);
      assert.equal(book.addresses.size, 0);
    }),
  );
});

test('ports that are 0 are not the same as no ports', () => {
  const table = new FlowTable();
  const book = new TupleInterner();
  const without = { source: '10.0.0.1', destination: '10.0.0.2' };
  const back = { source: '10.0.0.2', destination: '10.0.0.1' };
  const withPorts = { sourcePort: 0, destinationPort: 0 };
  const slots = [flow(without, back), flow({ ...without, ...withPorts }, { ...back, ...withPorts })].map(
    (one) => writeFlow(table, one) as number,
  );
  const [a, b] = slots.map((slot) => book.acquireEntering(table.columns, slot, 'node')) as [number, number];
  assert.notEqual(a, b);
  assert.deepEqual(book.forward(a), { source: { address: '10.0.0.1' }, destination: { address: '10.0.0.2' } });
});
