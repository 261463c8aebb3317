import assert from 'node:assert/strict';
import { isIPv6 } from 'node:net';
import { test } from 'node:test';
import fc from 'fast-check';
import { cidrContains, formatAddress, parseAddress, parseCidr } from '../../../src/flow/address.ts';

const bytes = new Uint8Array(16);

function canonical(text: string): string | undefined {
  const family = parseAddress(text, bytes, 0);
  return family === undefined ? undefined : formatAddress(family, bytes, 0);
}

test('IPv6 addresses are written as RFC 5952 says', () => {
  const cases: [string, string][] = [
    ['0000:0000:0000:0000:0000:0000:0000:0000', '::'],
    ['0000:0000:0000:0000:0000:0000:0000:0001', '::1'],
    ['2001:0DB8:0000:0000:0008:0800:200C:417A', '2001:db8::8:800:200c:417a'],
    ['2001:db8:0:1:1:1:1:1', '2001:db8:0:1:1:1:1:1'],
    ['2001:0:0:1:0:0:0:1', '2001:0:0:1::1'],
    ['2001:db8:0:0:1:0:0:1', '2001:db8::1:0:0:1'],
    ['fe80:0:0:0:0:0:0:0', 'fe80::'],
    ['::ffff:10.1.2.3', '::ffff:10.1.2.3'],
    ['0:0:0:0:0:ffff:0a01:0203', '::ffff:10.1.2.3'],
    ['1:2:3:4:5:6:1.2.3.4', '1:2:3:4:5:6:102:304'],
    ['::1.2.3.4', '::102:304'],
    ['1::1.2.3.4', '1::102:304'],
  ];
  for (const [text, wanted] of cases) assert.equal(canonical(text), wanted, text);
});

test('what is no address is refused', () => {
  for (const text of [
    '',
    '1',
    '1.2.3',
    '1.2.3.4.5',
    '1.2.3.256',
    '01.2.3.4',
    '1.2.3.',
    '.1.2.3',
    '1..2.3',
    'a.b.c.d',
    ' 1.2.3.4',
    '1.2.3.4 ',
    ':',
    ':::',
    '1:2',
    '1:2:3:4:5:6:7',
    '1:2:3:4:5:6:7:8:9',
    '1::2::3',
    '12345::',
    'g::',
    '::1%eth0',
    '1:2:3:4:5:6:7::8',
    '1.2.3.4::',
    '::1.2.3',
    '::256.1.1.1',
  ]) {
    assert.equal(parseAddress(text, bytes, 0), undefined, JSON.stringify(text));
  }
});

test('an address survives writing and reading, and IPv6 text is valid and shortest', () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 16, maxLength: 16 }), fc.nat(7), fc.nat(8), (random, from, zeros) => {
      const address = random.slice();
      address.fill(0, from * 2, Math.min(16, (from + zeros) * 2));
      const text = formatAddress(6, address, 0);
      assert.ok(isIPv6(text), text);
      const back = new Uint8Array(16);
      assert.equal(parseAddress(text, back, 0), 6);
      assert.deepEqual(back, address);
    }),
  );
  fc.assert(
    fc.property(fc.ipV4(), (text) => {
      assert.equal(canonical(text), text);
    }),
  );
});

test('any text is read or refused, never thrown at', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.ipV6(), fc.stringMatching(/^[0-9a-f:.]{0,40}$/)), (text) => {
      const family = parseAddress(text, bytes, 0);
      assert.equal(family === 6, isIPv6(text) && !text.includes('%'), text);
    }),
  );
});

test('a block contains what has its leading bits', () => {
  const contains = (block: string, address: string): boolean => {
    const cidr = parseCidr(block);
    assert.ok(cidr, block);
    return parseAddress(address, bytes, 0) === cidr.family && cidrContains(cidr, bytes, 0);
  };
  assert.ok(contains('10.0.0.0/8', '10.255.1.2'));
  assert.ok(!contains('10.0.0.0/8', '11.0.0.1'));
  assert.ok(contains('192.168.1.128/25', '192.168.1.200'));
  assert.ok(!contains('192.168.1.128/25', '192.168.1.127'));
  assert.ok(contains('0.0.0.0/0', '1.2.3.4'));
  assert.ok(contains('1.2.3.4', '1.2.3.4'));
  assert.ok(!contains('1.2.3.4', '1.2.3.5'));
  assert.ok(contains('2001:db8::/33', '2001:db8:7fff::1'));
  assert.ok(!contains('2001:db8::/33', '2001:db8:8000::1'));
  for (const text of [
    '',
    '/',
    '10.0.0.0/',
    '10.0.0.0/33',
    '::/129',
    '10.0.0.0/-1',
    '10.0.0.0/08',
    'x/8',
    '10.0.0.0/8/8',
  ])
    assert.equal(parseCidr(text), undefined, text);
});
