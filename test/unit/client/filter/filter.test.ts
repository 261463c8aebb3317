import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { FIELDS } from '../../../../src/client/filter/fields.ts';
import { formatTerm, parseFilter } from '../../../../src/client/filter/filter.ts';
import { describeFields, fieldPrefixes } from '../../../../src/client/filter/help.ts';
import { CART_TO_WEB, DNS_UNANSWERED, NOW } from './connection.ts';

function matches(text: string, connection = CART_TO_WEB): boolean {
  const parsed = parseFilter(text);
  assert.ok(parsed.ok, `${text}: ${parsed.ok ? '' : parsed.message}`);
  return parsed.match(connection, NOW);
}

function refused(text: string): { message: string; at: string } {
  const parsed = parseFilter(text);
  assert.ok(!parsed.ok, `${text} is accepted`);
  return { message: parsed.message, at: text.slice(parsed.start, parsed.end) };
}

const FITS = [
  '',
  '   ',
  // plain words
  'cart',
  'CART',
  'shop/web',
  'deployment',
  'tcp',
  'established',
  '8080',
  '80',
  'http',
  '10.244.2.3',
  '10.244.2.3:33522',
  '10.96.222.143:80',
  '10.89',
  'node1',
  '"shop/cart-5d7f"',
  'c*5d7f',
  '!udp',
  'cart web',
  // names
  'ns:shop',
  'ns:other,shop',
  'namespace:SH*',
  'to.ns:shop',
  'pod:cart',
  'pod:shop/cart',
  'pod:*7f9c',
  'from.pod:cart',
  'to.pod:web',
  'node:node1',
  'node:node2',
  'node:node2.example.com',
  'from.node:node2',
  'svc:web',
  'service:shop/web',
  'to.svc:w*',
  'workload:cart',
  'workload:deployment/cart',
  'from.workload:shop/cart',
  'name:5d',
  'kind:pod',
  'to.kind:pod',
  // addresses and ports
  'ip:10.244.2.3',
  'ip:10.96.0.0/12',
  'from.ip:10.89.0.12',
  'to.ip:10.244.1.0/24',
  'port:8080',
  'port:80',
  'port:33522',
  'to.port:80',
  'to.port:8000-8100',
  'port:http',
  'from.port:33522',
  // the rest
  'proto:tcp',
  'protocol:6',
  'state:established',
  'state:est*',
  'state:syn-sent,Established',
  'family:4',
  'family:ipv4',
  'rate:>1M',
  'rate:1M',
  'rate:<=2MB/s',
  'from.rate:<2k',
  'to.rate:>1Mi',
  'bytes:>1.5G',
  'packets:>=90500',
  'age:<15s',
  'age:>10s',
  'age:=12s',
  'age:<1h30m',
  'replied:yes',
  '!replied:no',
  'assured:yes',
  'offloaded:no',
  'stale:no',
  'mark:0x4000',
  'mark:16384',
  'mark:0x4000/0x4000',
  'zone:0',
  'ns:shop port:443,8080 !state:time_wait',
];

const MISSES = [
  'nothing',
  '!cart',
  'udp',
  '808',
  'cart nothing',
  '"c*5d7f"',
  'ns:sho',
  'ns:"sh*"',
  'from.ns:other',
  'pod:art',
  'pod:other/cart',
  'from.pod:web',
  'node:node',
  'from.node:node1',
  'svc:we',
  'svc:other/web',
  'workload:daemonset/cart',
  'to.workload:cart',
  'kind:external',
  'ip:10.244.2.4',
  'ip:fd00::/8',
  'from.ip:10.96.222.143',
  'to.ip:10.244.2.3',
  'port:443',
  'from.port:8080',
  'to.port:33522',
  'proto:udp',
  'state:time_wait',
  'family:6',
  'rate:>2M',
  'rate:=0',
  'from.rate:>2k',
  'bytes:<1G',
  'age:<12s',
  'replied:no',
  'assured:no',
  'mark:1',
  'mark:0x8000/0x8000',
  'zone:7',
];

test('filters that fit', () => {
  for (const text of FITS) assert.ok(matches(text), text);
});

test('filters that do not fit', () => {
  for (const text of MISSES) assert.ok(!matches(text), text);
});

test('of an age of which only the least is known, what is below a bound fits nothing', () => {
  const { startedAt: _, ...older } = CART_TO_WEB;
  for (const text of ['age:>10s', 'age:>=12s', 'age:12s']) assert.ok(matches(text, older), text);
  for (const text of ['age:<15s', 'age:<1h', 'age:=12s', 'age:<=12s', 'age:>1m'])
    assert.ok(!matches(text, older), text);
});

test('an IPv6 address is a word, not a field', () => {
  assert.ok(matches('fd00:1::3', DNS_UNANSWERED));
  assert.ok(!matches('dead:beef::1', DNS_UNANSWERED));
  assert.ok(matches('ip:fd00:96::/64', DNS_UNANSWERED));
  assert.ok(matches('to.ip:FD00:0096::000a', DNS_UNANSWERED));
});

test('a service that nobody answers for is found as a service, and in its namespace', () => {
  for (const text of [
    'svc:dns',
    'svc:kube-system/dns',
    'to.ns:kube-system',
    'kind:service',
    'state:unreplied',
    'stale:yes',
  ])
    assert.ok(matches(text, DNS_UNANSWERED), text);
});

test('what is not known fits no comparison, and is neither yes nor no', () => {
  for (const text of ['rate:>0', 'rate:<1', 'rate:=0', 'bytes:>=0', 'packets:<5', 'assured:yes', 'assured:no'])
    assert.ok(!matches(text, DNS_UNANSWERED), text);
});

test('a protocol without a name is found by its number, as tables show it, and as unknown', () => {
  const esp = { ...CART_TO_WEB, protocol: 50 };
  for (const text of ['proto:50', 'proto:ip/50', 'proto:unknown', 'protocol:UNKNOWN', 'ip/50', 'unknown'])
    assert.ok(matches(text, esp), text);
  assert.ok(!matches('proto:unknown', CART_TO_WEB));
});

test('what tables show of ICMP, and of an end with IPv6, is found as it is shown', () => {
  const { sourcePort: _, destinationPort: __, ...rest } = CART_TO_WEB;
  assert.ok(matches('echo', { ...rest, protocol: 1, icmp: { type: 8, code: 0, id: 1 } }));
  assert.ok(!matches('echo', CART_TO_WEB));
  for (const text of ['[fd00:1::3]:5353', '10.96.222.143:80'])
    assert.ok(matches(text, DNS_UNANSWERED) || matches(text, CART_TO_WEB), text);
});

test('errors point at what is wrong and say what is accepted', () => {
  assert.deepEqual(refused('cart prot:80').at, 'prot');
  assert.match(refused('cart prot:80').message, /no field is called "prot": ns, pod, .*port/);
  assert.deepEqual(refused('ns:shop port:80,htp').at, 'htp');
  assert.match(refused('port:htp').message, /"htp" is not a port from 0 to 65535, a range as 8000-8100, or a name/);
  assert.equal(refused('a port:70000').at, '70000');
  assert.equal(refused('ip:10.0.0.0/33').at, '10.0.0.0/33');
  assert.equal(refused('rate:>fast').at, '>fast');
  assert.equal(refused('age:5x').at, '5x');
  assert.equal(refused('state:open_sesame').at, 'open_sesame');
  assert.equal(refused('mark:0x1ffffffff').at, '0x1ffffffff');
  assert.equal(refused('replied:maybe').at, 'maybe');
  assert.equal(refused('from.proto:tcp').at, 'from.proto');
  assert.match(refused('from.svc:web').message, /to\.service/);
  assert.match(refused('port:').message, /needs a port/);
  assert.equal(refused('ns:a port: b').at, 'port:');
  assert.equal(refused('ns:"shop').at, '"shop');
  assert.match(refused('ns:"shop').message, /not closed/);
  assert.equal(refused('a !').at, '!');
});

test('every field’s example is one, with every side that it has; the help tells of each field', () => {
  for (const field of FIELDS) {
    const value = field.example.slice(field.example.indexOf(':') + 1);
    for (const word of [field.example, ...field.sides.map((side) => `${side}.${field.names[0]}:${value}`)])
      assert.ok(parseFilter(word).ok, word);
    for (const name of field.names) assert.ok(parseFilter(`${name}:${value}`).ok, name);
  }
  assert.equal(describeFields().length, FIELDS.length);
  assert.ok(fieldPrefixes().includes('from.pod:'));
  assert.ok(!fieldPrefixes().includes('from.service:'));
  const refused = parseFilter('from.service:web');
  assert.match(
    refused.ok ? '' : refused.message,
    /a service is only a destination: to\.service; .* from\.workload or from\.pod/,
  );
});

test('an option’s values become a word that means the same', () => {
  assert.equal(formatTerm('pod', ['shop/cart']), 'pod:shop/cart');
  assert.equal(formatTerm('port', ['80', '443,8443']), 'port:80,443,8443');
  assert.ok(matches(formatTerm('name', ['no such name', '5d7f'])));
});

test('whatever the text, it is a filter or an error with its place; quoted text is found as it is', () => {
  const piece = fc.oneof(
    fc.string({ maxLength: 6 }),
    fc.constantFrom('"', '!', ',', ':', ' ', '*', '\\', 'from.', 'port:', 'ns:', 'rate:>', '10.0.0.1'),
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
      const text = pieces.join('');
      const parsed = parseFilter(text);
      if (parsed.ok) parsed.match(CART_TO_WEB, NOW);
      else
        assert.ok(parsed.start >= 0 && parsed.start < parsed.end && parsed.end <= text.length, JSON.stringify(parsed));
    }),
    { numRuns: 2000 },
  );
  fc.assert(
    fc.property(fc.string({ minLength: 1, unit: 'grapheme-ascii' }), (name) => {
      const quoted = `"${name.replace(/["\\]/g, '\\$&')}"`;
      const named = { ...CART_TO_WEB, source: { ...CART_TO_WEB.source, name } };
      assert.ok(matches(`from.name:${quoted}`, named));
      assert.ok(matches(quoted, named));
      assert.ok(!matches(`!from.name:${quoted}`, named));
    }),
  );
});
