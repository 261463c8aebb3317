import { XMLParser } from 'fast-xml-parser';
import type { Flow, Tuple } from '../../src/flow/flow.ts';
import { isIcmp, protocolName } from '../../src/flow/protocol.ts';
import { stateName } from '../../src/flow/state.ts';
import type { NetworkNamespace } from './namespace.ts';

/** An entry of a conntrack table, in a form in which what kflow read and what `conntrack` printed can be compared. */
export interface Entry {
  readonly family: number;
  readonly protocol: number;
  readonly protocolName: string;
  readonly original: Tuple;
  readonly reply: Tuple;
  /** "7", "original 7", "reply 7". */
  readonly zone: string;
  /** "" where the protocol has none. */
  readonly state: string;
  readonly replied: boolean;
  readonly assured: boolean | undefined;
  readonly mark: number;
  /** Seconds; its last digit is a matter of when it was looked at. */
  readonly timeout: number;
  /** Packets and bytes, original then reply; empty without accounting. */
  readonly counters: readonly number[];
}

/** What `conntrack -L` says is in a namespace's table. */
export async function listConntrack(namespace: NetworkNamespace): Promise<Entry[]> {
  // XML leaves out the type, code and id of ICMP: those come from the text of the same moment, by the entry's id.
  const script = 'conntrack -L -o xml 2>/dev/null && echo @@@ && conntrack -L -o extended,id 2>/dev/null';
  const [xml, text] = (await namespace.run('sh', ['-c', script])).split('@@@');
  return parseConntrackXml(xml ?? '', icmpOf(text ?? ''));
}

/** Inserts an entry, by the arguments of `conntrack -I`. */
export async function insertEntry(namespace: NetworkNamespace, ...args: string[]): Promise<void> {
  await namespace.run('conntrack', ['-I', ...args]);
}

/** Inserts many entries at once; each is the arguments of `conntrack -I`. */
export async function insertEntries(namespace: NetworkNamespace, entries: readonly string[]): Promise<void> {
  const lines = entries.map((entry) => `-A ${entry}\n`).join('');
  // The tool opens /dev/stdin by its name, which for the socket that node gives a child cannot be done.
  await namespace.run('sh', ['-c', 'cat | conntrack -R -'], lines);
}

/** Deletes entries, by the arguments of `conntrack -D`. */
export async function deleteEntries(namespace: NetworkNamespace, ...args: string[]): Promise<void> {
  await namespace.run('conntrack', ['-D', ...args]);
}

export async function countEntries(namespace: NetworkNamespace): Promise<number> {
  return Number(await namespace.run('conntrack', ['-C']));
}

/** What kflow made of an entry. `wallMs`: when the table was read. */
export function entryOf(flow: Flow, wallMs: number): Entry {
  const { status, stats } = flow;
  const counters = [stats.original.packets, stats.original.bytes, stats.reply.packets, stats.reply.bytes];
  return {
    family: flow.family,
    protocol: flow.protocol,
    protocolName: protocolName(flow.protocol),
    original: flow.original,
    reply: flow.reply,
    zone: flow.zoneDirection === undefined ? `${flow.zone}` : `${flow.zoneDirection} ${flow.zone}`,
    state: stateName(status.state),
    replied: status.replied,
    assured: status.assured,
    mark: status.mark,
    timeout: (status.expiresAt ?? 0) - Math.floor(wallMs / 1000),
    counters: counters.filter((counter) => counter !== undefined),
  };
}

/** What identifies an entry. */
export function keyOf(entry: Entry): string {
  const { family, protocol, zone } = entry;
  return `${family} ${protocol} ${zone} ${tupleKey(entry.original)} | ${tupleKey(entry.reply)}`;
}

function tupleKey(tuple: Tuple): string {
  return [
    tuple.source,
    tuple.sourcePort ?? tuple.icmpType ?? '',
    tuple.destination,
    tuple.destinationPort ?? tuple.icmpCode ?? '',
    tuple.icmpId ?? '',
  ].join(' ');
}

interface Meta {
  readonly '@direction': string;
  readonly layer3: { readonly '@protonum': string; readonly src: string; readonly dst: string };
  readonly layer4: { readonly '@protonum': string; readonly [port: string]: string };
  readonly zone?: string;
  readonly counters?: { readonly packets: string; readonly bytes: string };
  readonly state?: string;
  readonly timeout: string;
  readonly mark?: string;
  readonly id: string;
  readonly assured?: '';
  readonly unreplied?: '';
}

type Icmp = { readonly icmpType: number; readonly icmpCode: number; readonly icmpId: number };

const parser = new XMLParser({
  ignoreAttributes: false,
  attributeNamePrefix: '@',
  parseTagValue: false,
  isArray: (name) => name === 'flow' || name === 'meta',
});

export function parseConntrackXml(xml: string, icmp: ReadonlyMap<string, readonly Icmp[]>): Entry[] {
  const document = parser.parse(xml) as { conntrack?: { flow?: { meta: Meta[] }[] } };
  return (document.conntrack?.flow ?? []).map(({ meta }) => {
    const [original, reply, independent] = ['original', 'reply', 'independent'].map((direction) =>
      meta.find((part) => part['@direction'] === direction),
    );
    if (!original || !reply || !independent) throw new Error(`an entry lacks a part: ${JSON.stringify(meta)}`);
    const protocol = Number(original.layer4['@protonum']);
    const parts = icmp.get(independent.id);
    return {
      family: original.layer3['@protonum'] === '10' ? 6 : 4,
      protocol,
      protocolName: protocolName(protocol),
      original: tupleOf(original, protocol, parts?.[0]),
      reply: tupleOf(reply, protocol, parts?.[1]),
      zone: original.zone
        ? `original ${original.zone}`
        : reply.zone
          ? `reply ${reply.zone}`
          : (independent.zone ?? '0'),
      state: stateOf(protocol, independent.state),
      replied: independent.unreplied === undefined,
      assured: independent.assured !== undefined,
      mark: Number(independent.mark ?? 0),
      timeout: Number(independent.timeout),
      counters: [original, reply].flatMap(({ counters }) =>
        counters ? [Number(counters.packets), Number(counters.bytes)] : [],
      ),
    };
  });
}

function tupleOf(meta: Meta, protocol: number, icmp: Icmp | undefined): Tuple {
  const ends = { source: meta.layer3.src, destination: meta.layer3.dst };
  if (isIcmp(protocol)) {
    if (icmp === undefined) throw new Error(`no type of ${JSON.stringify(meta)}`);
    return { ...ends, ...icmp };
  }
  const { sport, dport, srckey, dstkey } = meta.layer4;
  const sourcePort = Number(sport ?? srckey);
  const destinationPort = Number(dport ?? dstkey);
  // For a protocol that the kernel has no tracker for, as DCCP since 6.14, the library makes ports of 0 up.
  if (Number.isNaN(sourcePort) || (sourcePort === 0 && destinationPort === 0 && protocol === 33)) return ends;
  return { ...ends, sourcePort, destinationPort };
}

const TCP_STATES = 'NONE SYN_SENT SYN_RECV ESTABLISHED FIN_WAIT CLOSE_WAIT LAST_ACK TIME_WAIT CLOSE SYN_SENT2';
const SCTP_STATES =
  'NONE CLOSED COOKIE_WAIT COOKIE_ECHOED ESTABLISHED SHUTDOWN_SENT SHUTDOWN_RECD SHUTDOWN_ACK_SENT HEARTBEAT_SENT HEARTBEAT_ACKED';

/** In XML, libnetfilter_conntrack gives SCTP's states the names of TCP's with the same numbers. */
function stateOf(protocol: number, state = ''): string {
  if (protocol !== 132) return state === 'LISTEN' ? 'SYN_SENT2' : state;
  return SCTP_STATES.split(' ')[TCP_STATES.split(' ').indexOf(state === 'LISTEN' ? 'SYN_SENT2' : state)] ?? state;
}

/** Type, code and id of both directions, by the entry's id. */
function icmpOf(text: string): Map<string, Icmp[]> {
  const found = new Map<string, Icmp[]>();
  for (const line of text.split('\n')) {
    const parts = [...line.matchAll(/ type=(\d+) code=(\d+) id=(\d+)/g)];
    const id = line.match(/ id=(\d+)\s*$/)?.[1];
    if (id === undefined || parts.length === 0) continue;
    found.set(
      id,
      parts.map(([, type, code, id]) => ({ icmpType: Number(type), icmpCode: Number(code), icmpId: Number(id) })),
    );
  }
  return found;
}
