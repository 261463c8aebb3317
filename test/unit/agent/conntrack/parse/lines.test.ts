import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { LineScanner } from '../../../../../src/agent/conntrack/parse/line-scanner.ts';
import { LineSplitter, MAX_LINE_BYTES } from '../../../../../src/agent/conntrack/parse/line-splitter.ts';
import { TableUpdater } from '../../../../../src/agent/polling/table-updater.ts';
import { type Flow, readFlow } from '../../../../../src/flow/flow.ts';
import { STATE_NAMES, stateNumber } from '../../../../../src/flow/state.ts';

const encoder = new TextEncoder();

interface Parsed {
  flows: Flow[];
  unparsed: number;
  duplicates: number;
}

/** One poll of a table, given in pieces. */
function parse(pieces: readonly (string | Uint8Array)[], updater = new TableUpdater()): Parsed {
  const scanner = new LineScanner();
  const splitter = new LineSplitter((bytes, start, end, terminated) => {
    if (scanner.scan(bytes, start, end, terminated)) updater.add(scanner);
    else updater.unparsed++;
  });
  updater.begin(0, 1_700_000_000_000);
  for (const piece of pieces) {
    let bytes = typeof piece === 'string' ? encoder.encode(piece) : piece;
    while (bytes.length > 0) {
      const count = Math.min(bytes.length, splitter.room);
      splitter.buffer.set(bytes.subarray(0, count), splitter.filled);
      splitter.advance(count);
      bytes = bytes.subarray(count);
    }
  }
  splitter.end();
  updater.unparsed += splitter.overlong;
  updater.complete();
  const { table } = updater;
  const flows: Flow[] = [];
  for (let slot = 0; slot < table.end; slot++) if (table.isLive(slot)) flows.push(readFlow(table, slot));
  return { flows, unparsed: updater.unparsed, duplicates: updater.duplicates };
}

function one(line: string): Flow {
  const { flows, unparsed } = parse([`${line}\n`]);
  assert.equal(unparsed, 0, line);
  assert.equal(flows.length, 1, line);
  return flows[0] as Flow;
}

const TUPLES = 'src=10.0.0.1 dst=10.0.0.2 sport=1 dport=2 src=10.0.0.2 dst=10.0.0.1 sport=2 dport=1';
const TCP_LINE =
  'ipv4     2 tcp      6 431999 ESTABLISHED src=10.244.2.3 dst=10.96.222.143 sport=33522 dport=80 packets=5 bytes=417 ' +
  'src=10.244.1.3 dst=10.89.0.12 sport=8080 dport=33522 packets=4 bytes=123456789012 [ASSURED] mark=7 zone=3 delta-time=12 use=2';

test('a line with everything', () => {
  assert.deepEqual(one(TCP_LINE), {
    id: 1,
    family: 4,
    protocol: 6,
    original: { source: '10.244.2.3', destination: '10.96.222.143', sourcePort: 33522, destinationPort: 80 },
    reply: { source: '10.244.1.3', destination: '10.89.0.12', sourcePort: 8080, destinationPort: 33522 },
    zone: 3,
    firstSeenAt: 1_700_000_000_000 - 12_000,
    startKnown: true,
    status: {
      state: stateNumber('ESTABLISHED'),
      replied: true,
      assured: true,
      offloaded: false,
      hardwareOffloaded: false,
      expiresAt: 1_700_000_000 + 431999,
      mark: 7,
    },
    stats: { original: { packets: 5, bytes: 417 }, reply: { packets: 4, bytes: 123456789012 } },
  });
});

test('without accounting counters are absent, not 0', () => {
  const flow = one(`ipv4     2 udp      17 29 ${TUPLES} mark=0 use=2`);
  assert.deepEqual(flow.stats, { original: {}, reply: {} });
  assert.deepEqual(flow.status.replied, true);
});

test('every state of tcp, sctp and dccp', () => {
  for (const name of [...STATE_NAMES.slice(1)]) {
    const flow = one(`ipv4     2 tcp      6 10 ${name} ${TUPLES} mark=0 use=1`);
    assert.equal(flow.status.state, stateNumber(name), name);
  }
  assert.equal(one(`ipv4     2 tcp      6 10 LISTEN ${TUPLES} mark=0 use=1`).status.state, stateNumber('SYN_SENT2'));
});

test('flags', () => {
  const status = (tail: string, head = '6 10 ESTABLISHED') => one(`ipv4     2 tcp      ${head} ${tail} use=1`).status;
  const unreplied = TUPLES.replace(' src=10.0.0.2', ' [UNREPLIED] src=10.0.0.2');
  assert.equal(status(`${unreplied} mark=0`).replied, false);
  assert.equal(status(`${TUPLES} [ASSURED] mark=0`).assured, true);
  assert.equal(status(`${TUPLES} mark=0`).assured, false);
  // The kernel prints neither the timeout nor, for tcp, the state of an offloaded entry.
  const offloaded = status(`${TUPLES} [OFFLOAD] mark=0`, '6');
  assert.deepEqual(offloaded, { state: 0, replied: true, offloaded: true, hardwareOffloaded: false, mark: 0 });
  assert.equal(status(`${TUPLES} [HW_OFFLOAD] mark=0`, '6').hardwareOffloaded, true);
  assert.equal(status(`${TUPLES} [SOME_DAY] mark=0`).assured, false);
});

test('icmp, icmpv6, gre, generic protocols, and protocols whose tracker is missing', () => {
  assert.deepEqual(
    one(
      'ipv4     2 icmp     1 29 src=10.0.0.1 dst=10.0.0.2 type=8 code=3 id=4711 src=10.0.0.2 dst=10.0.0.1 type=0 code=0 id=4711 mark=0 use=1',
    ).original,
    { source: '10.0.0.1', destination: '10.0.0.2', icmpType: 8, icmpCode: 3, icmpId: 4711 },
  );
  const six = one(
    'ipv6     10 icmpv6   58 29 src=2001:0db8:0000:0000:0000:0000:0000:0001 dst=2001:0db8:0000:0000:0000:0000:0000:0002 type=128 code=0 id=7 ' +
      'src=2001:0db8:0000:0000:0000:0000:0000:0002 dst=2001:0db8:0000:0000:0000:0000:0000:0001 type=129 code=0 id=7 mark=0 use=1',
  );
  assert.deepEqual(six.reply, {
    source: '2001:db8::2',
    destination: '2001:db8::1',
    icmpType: 129,
    icmpCode: 0,
    icmpId: 7,
  });
  const gre = one(
    'ipv4     2 gre      47 179 timeout=30, stream_timeout=180 src=10.0.0.1 dst=10.0.0.2 srckey=0x0 dstkey=0x1f2e src=10.0.0.2 dst=10.0.0.1 srckey=0x1f2e dstkey=0x0 mark=0 use=1',
  );
  assert.deepEqual(gre.original, {
    source: '10.0.0.1',
    destination: '10.0.0.2',
    sourcePort: 0,
    destinationPort: 0x1f2e,
  });
  for (const head of ['unknown  89', 'unknown  2', 'sctp     132', 'dccp     33']) {
    const flow = one(
      `ipv4     2 ${head} 599 src=10.0.0.1 dst=224.0.0.5 [UNREPLIED] src=224.0.0.5 dst=10.0.0.1 mark=0 use=1`,
    );
    assert.deepEqual(flow.original, { source: '10.0.0.1', destination: '224.0.0.5' });
    assert.equal(flow.protocol, Number(head.split(' ').at(-1)));
  }
});

test('zones of one direction, security contexts, and what a later kernel may add', () => {
  const zoned = one(
    `ipv4     2 tcp      6 10 CLOSE ${TUPLES.replace(' src=10.0.0.2', ' zone-orig=9 src=10.0.0.2')} mark=0 secctx=system_u:object_r:unlabeled_t:s0 use=1`,
  );
  assert.equal(zoned.zone, 9);
  assert.equal(zoned.zoneDirection, 'original');
  const apparmor = one(
    `ipv4     2 tcp      6 10 CLOSE ${TUPLES} mark=0 secctx=docker-default (enforce) zone=3 delta-time=5 use=1`,
  );
  assert.equal(apparmor.zone, 3);
  assert.equal(one(`ipv4     2 tcp      6 10 CLOSE ${TUPLES} zone-reply=8 mark=0 use=1`).zoneDirection, 'reply');
  assert.equal(
    one(`ipv4     2 tcp      6 10 CLOSE ${TUPLES} mark=4294967295 colour=blue use=1`).status.mark,
    4294967295,
  );
});

test('the older ip_conntrack, without the family', () => {
  const flow = one(`tcp      6 431999 ESTABLISHED ${TUPLES} [ASSURED] mark=0 use=1`);
  assert.equal(flow.family, 4);
  assert.equal(flow.original.sourcePort, 1);
});

test('what is no line is counted and leaves nothing behind', () => {
  const half = TCP_LINE.slice(0, 150);
  const bad = [
    'x',
    half,
    TCP_LINE.replace('10.244.2.3', '10.244.2.300'),
    TCP_LINE.replace('sport=33522', 'sport=65536'),
    TCP_LINE.replace('ipv4     2', 'ipv4     10'),
    TCP_LINE.replace('ipv4     2', 'ipv6     10'),
    TCP_LINE.replace(' 6 ', ' 256 '),
    TCP_LINE.replace('packets=5', 'packets=\u0000'),
    `\u0000${TCP_LINE}`,
    `${TCP_LINE} src=1.2.3.4 dst=1.2.3.4 sport=1 dport=2`,
    TCP_LINE.replace(' src=10.244.1.3 dst=10.89.0.12', ''),
    TCP_LINE.replace('sport=33522 dport=80', 'sport=33522'),
    TCP_LINE.replace(' sport=8080 dport=33522', ''),
    TCP_LINE.replace('dport=80', 'dport=80 sport=1'),
    // A line that lost its beginning, and one that lost its end and took the next one's.
    TCP_LINE.slice(2),
    TCP_LINE.slice(4),
    `${TCP_LINE.slice(0, TCP_LINE.indexOf(' src=10.244.1.3'))} ${TCP_LINE.slice(0, TCP_LINE.indexOf(' src=10.244.1.3'))}`,
    // `conntrack -E`, with and without -o timestamp, expectations, numbered lines, files' names, logs.
    `    [NEW] ${TCP_LINE}`,
    ` [UPDATE] tcp      6 60 SYN_RECV ${TUPLES}`,
    `[DESTROY] tcp      6 ${TUPLES}`,
    `[1700000000.123456]     [NEW] tcp      6 120 SYN_SENT ${TUPLES}`,
    '298 l3proto = 2 proto=6 src=10.0.0.1 dst=10.0.0.2 sport=0 dport=2000 ftp',
    '296 proto=6 src=10.0.0.1 dst=10.0.0.2 sport=0 dport=53535 mask-src=255.255.255.255 mask-dst=255.255.255.255 sport=0 dport=65535 master-src=10.0.0.1 master-dst=10.0.0.2 sport=1 dport=21 class=0 helper=ftp',
    `     1\t${TCP_LINE}`,
    `12:${TCP_LINE}`,
    `/proc/net/nf_conntrack:${TCP_LINE}`,
    `nf_conntrack:${TCP_LINE}`,
    `Nov 26 08:20:36 host kernel: ${TCP_LINE}`,
    'conntrack v1.4.7 (conntrack-tools): 5 flow entries have been shown.',
  ];
  for (const line of bad) {
    const { flows, unparsed } = parse([`${line}\n`]);
    assert.deepEqual([flows.length, unparsed], [0, 1], JSON.stringify(line));
  }
  const { flows, unparsed } = parse([...bad.map((line) => `${line}\n`), `${TCP_LINE}\n`]);
  assert.deepEqual([flows.length, unparsed], [1, bad.length]);
});

test('what is not understood costs no flow, and is unset', () => {
  const read = (from: string, to: string) => one(TCP_LINE.replace(from, to));
  const good = one(TCP_LINE);
  const { expiresAt, ...status } = good.status;
  for (const timeout of ['-1', '2147483648', '4294967296', '99999999999999999999999', 'soon-ish='])
    assert.deepEqual(read('431999', timeout), { ...good, status }, timeout);
  assert.equal(expiresAt, 1_700_000_000 + 431999);
  assert.equal(read('431999', '2147483647').status.expiresAt, 1_700_000_000 + 2147483647);
  for (const state of ['SYN_FOO', 'ESTABLISHEDX'])
    assert.deepEqual(read('ESTABLISHED', state), { ...good, status: { ...good.status, state: 0 } }, state);
  assert.equal(read('mark=7', 'mark=0x100').status.mark, 256);
  for (const mark of ['mark=-7', 'mark=4294967296', 'mark=0x', 'mark=blue', 'mark='])
    assert.equal(read('mark=7', mark).status.mark, 0, mark);
  for (const use of ['use=-1', 'use=x', 'use=2 trailing', 'use=2 id=3735928559 colour=blue [LATER] and (more)'])
    assert.deepEqual(read('use=2', use), good, use);
  assert.deepEqual(read('bytes=417', 'bytes=4x7').stats.original, { packets: 5 });
  assert.deepEqual(read('bytes=417', 'bytes=99999999999999999999').stats.original, { packets: 5 });
  assert.equal(read('[ASSURED]', '[ASSURED').status.assured, false);
  assert.equal(read('[ASSURED]', '[ATTACHED] [OFFLINE] [UNREPAIRED]').status.assured, false);
  assert.equal(read('zone=3', 'zone=65536').zone, 0);
  assert.deepEqual(read('zone=3', 'orig-zone=3'), { ...good, zoneDirection: 'original' });
  assert.deepEqual(read('zone=3', 'reply-zone=3'), { ...good, zoneDirection: 'reply' });
  assert.deepEqual(read('dst=10.96.222.143 ', 'dst=10.96.222.143 vlan=5 '), good);
  assert.deepEqual(read('ESTABLISHED', 'timeout=3, FOO ESTABLISHED bar [NEAT]'), good);
});

test('a time that wrapped, or of a clock that was set since, is none', () => {
  const unknown = { firstSeenAt: 1_700_000_000_000, startKnown: false };
  for (const age of ['18446744073704', '18446744073', '1795651200', '315360001', '-3', 'x'])
    assert.partialDeepStrictEqual(one(TCP_LINE.replace('delta-time=12', `delta-time=${age}`)), unknown, age);
  assert.equal(one(TCP_LINE.replace('delta-time=12', 'delta-time=315360000')).startKnown, true);
});

test('a counter is the nearest double of what the kernel prints', () => {
  const read = (text: string) => one(TCP_LINE.replace('bytes=417', `bytes=${text}`)).stats.original.bytes;
  const samples = ['18446744073709551615', '18446744073709550592', '9223372036854775808', '9223372036854775807'];
  for (const text of [...samples, '1152921504606846976', '1152921504606846977', '9007199254740993', '0', '007'])
    assert.equal(read(text), Number(text), text);
  fc.assert(
    fc.property(fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }), (value) => {
      assert.equal(read(String(value)), Number(value));
    }),
  );
});

test('other kernels, and what `conntrack` prints', () => {
  const vendor = one(
    'ipv4     2 tcp      6 1191 ESTABLISHED src=192.168.3.151 dst=192.0.2.164 sport=63854 dport=80 packets=6 bytes=815 src=192.0.2.164 dst=192.168.0.10 sport=80 dport=63854 packets=5 bytes=617 [ASSURED] [FASTNAT] [RTCACHE o33/r11] mark=0 nmark=0 mac=02:00:5e:00:53:01 slan attrs= use=2',
  );
  assert.deepEqual(vendor.reply, {
    source: '192.0.2.164',
    destination: '192.168.0.10',
    sourcePort: 80,
    destinationPort: 63854,
  });
  assert.deepEqual(
    [vendor.status.assured, vendor.status.offloaded, vendor.status.expiresAt],
    [true, false, 1_700_001_191],
  );
  assert.deepEqual(vendor.stats, { original: { packets: 6, bytes: 815 }, reply: { packets: 5, bytes: 617 } });
  const six = one(
    'tcp      6 118 SYN_SENT src=2001:db8:6::6 dst=2001:db8:7::7 sport=43438 dport=80 [UNREPLIED] src=2001:db8:7::7 dst=2001:db8:6::6 sport=80 dport=43438 mark=0 use=1',
  );
  assert.deepEqual(six.original, {
    source: '2001:db8:6::6',
    destination: '2001:db8:7::7',
    sourcePort: 43438,
    destinationPort: 80,
  });
  assert.deepEqual(
    [six.family, six.status.state, six.status.replied, six.status.expiresAt],
    [6, stateNumber('SYN_SENT'), false, 1_700_000_118],
  );
  // `conntrack -L -o extended,id,ktimestamp`
  const extended = one(
    'ipv6     10 icmpv6   58 29 src=fe80::1 dst=ff02::1 type=128 code=0 id=7 packets=1 bytes=104 [UNREPLIED] src=ff02::1 dst=fe80::1 type=129 code=0 id=7 packets=0 bytes=0 [start=Thu Nov 26 08:20:36 2026] mark=0 use=1 id=3735928559',
  );
  assert.deepEqual(extended.original, {
    source: 'fe80::1',
    destination: 'ff02::1',
    icmpType: 128,
    icmpCode: 0,
    icmpId: 7,
  });
  assert.equal(extended.stats.original.bytes, 104);
  // Kernels of the 2.4 series count both directions together, and print that last: it is neither's.
  const old = one(`tcp      6 431999 ESTABLISHED ${TUPLES} [ASSURED] use=1 bytes=4500`);
  assert.deepEqual([old.stats, old.status.assured], [{ original: {}, reply: {} }, true]);
});

test('blanks around a line, tabs, CRLF and a byte order mark are nothing', () => {
  const good = one(TCP_LINE);
  for (const text of [
    `${TCP_LINE}\r\n`,
    `  \t${TCP_LINE}  \t \r\n`,
    `\ufeff${TCP_LINE}\n`,
    `\ufeff \r\n\n \n${TCP_LINE}\n\n`,
    `${TCP_LINE.replaceAll(/ +/g, '\t')}\n`,
    `${TCP_LINE}\r`,
  ]) {
    const { flows, unparsed } = parse([text]);
    assert.deepEqual([flows, unparsed], [[good], 0], JSON.stringify(text));
  }
});

test('a last line without a newline is taken only when it is plainly whole', () => {
  assert.equal(parse([TCP_LINE]).flows.length, 1);
  for (const cut of [1, 6, 7, 20, 90, 200]) {
    const { flows, unparsed } = parse([TCP_LINE.slice(0, -cut)]);
    assert.deepEqual([flows.length, unparsed], [0, 1], `${cut} bytes short`);
  }
});

test('a flow that is printed twice in one poll is one flow', () => {
  const { flows, duplicates, unparsed } = parse([`${TCP_LINE}\n`, `${TCP_LINE}\n`]);
  assert.deepEqual([flows.length, duplicates, unparsed], [1, 1, 0]);
  const zones = parse([`${TCP_LINE}\n`, `${TCP_LINE.replace('zone=3', 'zone=4')}\n`]);
  assert.equal(zones.flows.length, 2, 'the same tuples in another zone are another flow');
});

test('a line may be cut anywhere between two reads', () => {
  const text = `${TCP_LINE}\n${TCP_LINE.replaceAll('33522', '33523')}\ngarbage\n${TCP_LINE.replaceAll('33522', '33524')}\n`;
  const whole = parse([text]);
  assert.deepEqual([whole.flows.length, whole.unparsed], [3, 1]);
  fc.assert(
    fc.property(fc.array(fc.nat(text.length), { maxLength: 12 }), (cuts) => {
      const at = [0, ...cuts.sort((a, b) => a - b), text.length];
      const pieces = at.slice(1).map((end, i) => text.slice(at[i], end));
      assert.deepEqual(parse(pieces), whole);
    }),
  );
});

test('long lines, garbage and NUL bytes neither throw nor grow, and what is good among them is taken', () => {
  const long = 'x'.repeat(1 << 20);
  const garbage = Array.from({ length: 10_000 }, (_, i) => `garbage ${i} src=${i}\n`).join('');
  const { flows, unparsed } = parse([
    `${TCP_LINE}\n`,
    `${long}\n`,
    garbage,
    '\0'.repeat(3 * MAX_LINE_BYTES),
    '\n',
    long,
  ]);
  assert.deepEqual([flows.length, unparsed], [1, 1 + 10_000 + 1 + 1]);
});

test('no bytes make it throw, hang, or take half a line', () => {
  const noise = fc.uint8Array({ maxLength: 400 });
  const mutated = fc.tuple(fc.nat(TCP_LINE.length), fc.nat(30), noise).map(([at, length, insert]) => {
    const line = encoder.encode(TCP_LINE);
    return Uint8Array.from([...line.subarray(0, at), ...insert.subarray(0, 8), ...line.subarray(at + length)]);
  });
  fc.assert(
    fc.property(fc.array(fc.oneof(noise, mutated), { maxLength: 8 }), (pieces) => {
      const { flows } = parse(pieces);
      for (const flow of flows) {
        assert.ok(flow.protocol >= 0 && flow.protocol <= 255);
        assert.match(flow.original.source, /^[0-9a-f.:]+$/);
        assert.ok(Object.values(flow.stats.original).every((count) => count >= 0));
      }
    }),
    { numRuns: 2000 },
  );
});
