/** Inputs as the formats have them, with any content: what random changes of bytes hardly ever reach. */
import * as nl from '../../src/agent/conntrack/netlink/parse/numbers.ts';
import { attribute, concat, done, message, tuple } from '../lab/netlink-messages.ts';
import type { Random } from './mutate.ts';

const WORDS = [
  '',
  'a',
  'shop',
  'node1',
  '10.1.0.1',
  'fd00::1',
  '::',
  '255.255.255.255',
  '1e999',
  '-1',
  'é\u202e',
  '__proto__',
  'x'.repeat(300),
];
const NUMBERS = [0, -0, 1, -1, 80, 65_535, 65_536, 2 ** 31, 2 ** 32, 2 ** 53, 1e308, 0.5];

/** Any JSON value; of an object, keys of `keys` more often than others. */
export function anyValue(random: Random, keys: readonly string[], depth = 0): unknown {
  switch (random.below(depth > 6 ? 5 : 8)) {
    case 0:
      return null;
    case 1:
      return random.below(2) === 0;
    case 2:
      return random.of(NUMBERS);
    case 3:
    case 4:
      return random.of(WORDS);
    case 5:
      return Array.from({ length: random.below(4) }, () => anyValue(random, keys, depth + 1));
    default:
      return anyObject(random, keys, depth + 1);
  }
}

function anyObject(random: Random, keys: readonly string[], depth: number): object {
  const entries = Array.from({ length: random.below(6) }, (): [string, unknown] => [
    random.below(8) === 0 ? random.of(WORDS) : random.of(keys),
    anyValue(random, keys, depth),
  ]);
  return Object.fromEntries(entries);
}

/** The value with one of its parts replaced by any other. */
export function withAnyPart(random: Random, value: unknown, keys: readonly string[]): unknown {
  if (typeof value !== 'object' || value === null || random.below(5) === 0) return anyValue(random, keys);
  const entries = Object.entries(value);
  const at = random.below(Math.max(1, entries.length));
  const changed = entries.map(([key, part], index): [string, unknown] => [
    key,
    index === at ? withAnyPart(random, part, keys) : part,
  ]);
  return Array.isArray(value) ? changed.map(([, part]) => part) : Object.fromEntries(changed);
}

/** Every key that is somewhere in the value. */
export function keysOf(value: unknown): string[] {
  if (typeof value !== 'object' || value === null) return [];
  const own = Array.isArray(value) ? [] : Object.keys(value);
  return [...new Set([...own, ...Object.values(value).flatMap(keysOf)])];
}

const ADDRESSES = [
  '10.1.0.1',
  '0.0.0.0',
  '255.255.255.255',
  '2001:db8::1',
  '::',
  '::ffff:1.2.3.4',
  'fe80::1%eth0',
  '1.2.3',
  '',
];

/** A line of the kernel's table: its fields in any order, missing, twice, or with any value. */
export function conntrackLine(random: Random): string {
  const number = () => String(random.of([...NUMBERS, random.below(70_000)]));
  const tuple = () =>
    shuffled(random, [
      `src=${random.of(ADDRESSES)}`,
      `dst=${random.of(ADDRESSES)}`,
      `sport=${number()}`,
      `dport=${number()}`,
      ...(random.below(2) === 0 ? [`packets=${number()}`, `bytes=${number()}`] : []),
      ...(random.below(4) === 0 ? [`type=${number()}`, `code=${number()}`, `id=${number()}`] : []),
    ]);
  const head = random.of([
    ['ipv4', '2', 'tcp', '6', number(), random.of(['ESTABLISHED', 'SYN_SENT', 'TIME_WAIT', 'WHAT'])],
    ['ipv6', '10', 'udp', '17', number()],
    ['ipv4', '2', random.of(['icmp', 'gre', 'dccp', 'unknown', 'sctp']), number(), number()],
    ['tcp', '6', number(), 'ESTABLISHED'],
  ]);
  const flags = ['[ASSURED]', '[UNREPLIED]', '[OFFLOAD]', '[HW_OFFLOAD]', '[NEW]'].filter(() => random.below(4) === 0);
  const tail = [
    `mark=${number()}`,
    `zone=${number()}`,
    `delta-time=${number()}`,
    `use=${number()}`,
    'secctx=a:b:c',
    'zone-orig=1',
  ];
  return [...head, ...tuple(), ...flags, ...tuple(), ...tail.filter(() => random.below(2) === 0)].join(' ');
}

function shuffled(random: Random, fields: string[]): string[] {
  if (random.below(4) > 0) return fields;
  return fields
    .filter(() => random.below(8) > 0)
    .flatMap((field) => (random.below(8) === 0 ? [field, field] : [field]))
    .sort(() => random.next() - 0.5);
}

/** Messages of a dump: tuples that are right or not, and attributes of any type, length and depth. */
export function conntrackMessages(random: Random): Uint8Array {
  const any = (depth: number): Uint8Array =>
    attribute(
      random.below(30),
      random.below(3) === 0 && depth < 8
        ? Array.from({ length: random.below(4) }, () => any(depth + 1))
        : Uint8Array.from({ length: random.of([0, 1, 2, 3, 4, 8, 16, 40]) }, () => random.of([0, 1, 6, 17, 255])),
    );
  const ends = () => ({ protocol: random.of([6, 17, 1, 58, 33, 132, 47, 0]), port: random.below(65_536) });
  const one = () => {
    const both = ends();
    return message(
      concat([
        Uint8Array.of(random.of([nl.AF_INET, nl.AF_INET6, 0, 255]), 0, 0, 0),
        tuple(nl.CTA_TUPLE_ORIG, both),
        tuple(nl.CTA_TUPLE_REPLY, random.below(4) === 0 ? ends() : both),
        attribute(nl.CTA_STATUS, Uint8Array.of(0, 0, random.below(256), random.below(256))),
        ...Array.from({ length: random.below(12) }, () => any(0)),
      ]),
      { flags: random.of([2, 2, 2, nl.NLM_F_DUMP_INTR]), sequence: random.of([1, 1, 1, 2]) },
    );
  };
  const end = () => done(random.of([0, 0, 1, 11, 105, -1]), { type: random.of([nl.NLMSG_DONE, nl.NLMSG_ERROR]) });
  return concat([...Array.from({ length: random.below(20) }, one), ...(random.below(4) === 0 ? [end()] : [])]);
}

const FIELDS = [
  'port',
  'ip',
  'from.ip',
  'to.pod',
  'ns',
  'rate',
  'age',
  'state',
  'node',
  'proto',
  'bytes',
  'service',
  'nothing',
];
const VALUES = [
  '80',
  '443,8443',
  '10.0.0.0/8',
  '>1M',
  '<1m',
  '*x*',
  'established',
  '"a b"',
  '!',
  '1..2',
  '=',
  '>=0',
  '::/0',
  'é',
];

/** A filter as its grammar has it. */
export function filterText(random: Random): string {
  const term = () => {
    const not = random.below(4) === 0 ? '!' : '';
    return random.below(3) === 0 ? not + random.of(VALUES) : `${not}${random.of(FIELDS)}:${random.of(VALUES)}`;
  };
  return Array.from({ length: 1 + random.below(5) }, term).join(random.of([' ', ' ', '  ', '\t', ' or ', '']));
}

/** A message of an agent: its fields of the right types, with any content. */
export function watchResponse(random: Random): object {
  const tuple = () => ({
    source: Buffer.alloc(random.of([0, 4, 16, 17])),
    destination: Buffer.alloc(random.of([4, 16])),
    sourcePort: random.below(100_000),
    destinationPort: random.below(100_000),
  });
  const stats = () => ({
    original: {
      packets: random.of(NUMBERS.filter((one) => one >= 0 && Number.isInteger(one) && one < 2 ** 53)),
      bytes: random.below(10_000),
    },
    reply: { packets: random.below(100), bytes: random.below(10_000) },
    timeoutSeconds: random.below(1_000_000),
  });
  const some = <T>(make: () => T): T[] => Array.from({ length: random.below(4) }, make);
  return {
    sequence: random.of([0, 1, 2, 2 ** 31]),
    snapshot: random.below(2) === 0,
    endOfPoll: random.below(2) === 0,
    added: some(() => ({
      id: random.below(5),
      protocol: random.below(300),
      original: tuple(),
      reply: tuple(),
      stats: stats(),
    })),
    updated: some(() => ({ id: random.below(5), stats: stats() })),
    removed: some(() => random.below(5)),
    poll: { entries: random.below(1_000), error: random.of(WORDS) },
  };
}
