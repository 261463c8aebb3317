import type { Family } from '../../../flow/address.ts';
import type { CleanText } from '../../format/sanitize.ts';
import type { AgentAbout, AgentPoll, AgentState, AgentStatus } from '../../model/agent.ts';
import type { AddressPort, Connection, Hop, Party } from '../../model/connection.ts';
import { MAX_RECORDED_AGENTS } from '../../model/limits.ts';
import type { LocalGap, Snapshot } from '../../model/snapshot.ts';
import { Damaged } from './bytes.ts';
import type { Codec, Input } from './codec.ts';
import { list, message, optional, required } from './message.ts';
import {
  flag,
  name,
  names,
  number,
  numberList,
  numbers,
  oneOf,
  path,
  sentences,
  text,
  time,
  whenTrue,
  words,
} from './values.ts';

/**
 * How a Snapshot is recorded. A field's number is its meaning for ever; a new field gets a number that was never used, and
 * is optional, for old recordings do not have it.
 */
const CANDIDATE = {
  address: required(1, name),
  kind: optional(2, oneOf('pod', 'node', 'service', 'external')),
  namespace: optional(3, name),
  name: optional(4, name),
  node: optional(5, name),
  workload: optional(6, message<NonNullable<Party['workload']>>({ kind: required(1, name), name: required(2, name) })),
  ended: optional(7, whenTrue),
};

const PARTY = message<Party>({
  ...CANDIDATE,
  candidates: optional(
    8,
    list(message<Omit<Party, 'candidates'>>(CANDIDATE), ({ name }) => name),
  ),
});

/** Many connections share a party: it is stored once, and is one object again when it is read. */
const party: Codec<Party> = {
  write: (out, field, _, value) => out.shared(field, value, () => PARTY.writeBody(out, undefined, value)),
  read: (input, wire) => input.shared(wire) as Party,
};

export function readParty(input: Input): Party {
  return PARTY.readBody(input, undefined);
}

const ADDRESS_PORT = message<AddressPort>({ address: required(1, name), port: optional(2, number) });

type Tuple = Hop['original'];
const TUPLE = message<Tuple>({ source: required(1, ADDRESS_PORT), destination: required(2, ADDRESS_PORT) });

const HOP = message<Hop>({
  agent: required(1, text),
  node: required(2, name),
  flow: required(3, number),
  original: required(4, TUPLE),
  reply: required(5, TUPLE),
  state: required(6, number),
  sentBytes: optional(7, number),
  receivedBytes: optional(8, number),
  sentRate: optional(9, number),
  receivedRate: optional(10, number),
  zone: optional(11, number),
});

/** What is unanswered is found anew in a replay: a later version may know better. */
const CONNECTION = message<Omit<Connection, 'unanswered'>>({
  id: required(1, number),
  family: required(2, oneOf<Family>(4, 6)),
  protocol: required(3, number),
  source: required(4, party),
  sourcePort: optional(5, number),
  destination: required(6, party),
  destinationPort: optional(7, number),
  icmp: optional(
    8,
    message<NonNullable<Connection['icmp']>>({
      type: required(1, number),
      code: required(2, number),
      id: required(3, number),
    }),
  ),
  service: optional(
    9,
    message<NonNullable<Connection['service']>>({
      address: required(1, name),
      port: optional(2, number),
      namespace: optional(3, name),
      name: optional(4, name),
    }),
  ),
  masquerade: optional(10, ADDRESS_PORT),
  state: required(11, number),
  replied: required(12, flag),
  assured: optional(13, flag),
  offloaded: required(14, flag),
  mark: required(15, number),
  zone: required(16, number),
  firstSeenAt: required(17, time),
  expiresAt: optional(18, number),
  hops: required(
    19,
    list(HOP, ({ agent }) => agent),
  ),
  // After the hops: most of these are one hop's numbers again, which compresses well.
  sentRate: optional(20, number),
  receivedRate: optional(21, number),
  sentBytes: optional(22, number),
  receivedBytes: optional(23, number),
  sentPackets: optional(24, number),
  receivedPackets: optional(25, number),
  stale: required(26, flag),
  zones: optional(27, numberList),
  incomplete: optional(28, words),
  startedAt: optional(29, time),
  disputed: optional(30, words),
});

/** The union with all that its members may have. */
interface AnyStatus {
  readonly kind: AgentStatus['kind'];
  readonly reason?: CleanText;
  readonly retryAt?: number;
}

const ANY_STATUS = message<AnyStatus>({
  kind: required(1, oneOf('connecting', 'live', 'stale', 'lost', 'unused')),
  reason: optional(2, words),
  retryAt: optional(3, time),
});

const status: Codec<AgentStatus> = {
  write: (out, field, _, value) => ANY_STATUS.write(out, field, undefined, value),
  read(input, wire) {
    const { kind, reason, retryAt } = ANY_STATUS.read(input, wire, undefined);
    if (kind === 'connecting' || kind === 'live') return { kind };
    if (reason !== undefined && (kind === 'stale' || kind === 'unused')) return { kind, reason };
    if (reason !== undefined && kind === 'lost') return { kind, reason, ...(retryAt === undefined ? {} : { retryAt }) };
    throw new Damaged('a status without its reason');
  },
};

const ABOUT = message<AgentAbout>({
  node: required(1, name),
  version: required(2, name),
  source: required(3, oneOf('procfs', 'netlink', 'unknown')),
  path: required(4, path),
  accounting: required(5, oneOf('on', 'off', 'unknown')),
  timestamping: required(6, oneOf('on', 'off', 'unknown')),
  entries: optional(7, number),
  maxEntries: optional(8, number),
  counters: optional(9, numbers),
  startedAt: optional(10, time),
  unavailableReason: optional(11, words),
  unparsedSample: optional(12, name),
});

const POLL = message<AgentPoll>({
  observedAt: required(1, time),
  entries: required(2, number),
  unparsedLines: required(3, number),
  durationSeconds: required(4, number),
  intervalSeconds: optional(5, number),
  skipped: required(6, flag),
  unparsedSample: optional(7, name),
});

const AGENT = message<AgentState>({
  key: required(1, text),
  node: required(2, name),
  namespace: optional(3, name),
  pod: optional(4, name),
  status: required(5, status),
  about: optional(6, ABOUT),
  poll: optional(7, POLL),
  flows: optional(8, number),
  lastSeenAt: optional(9, time),
  claimedNode: optional(10, name),
  omittedFlows: optional(11, number),
});

const LOCAL_GAP = message<LocalGap>({ service: required(1, name), nodes: required(2, names) });

export const SNAPSHOT = message<Omit<Snapshot, 'held'>>({
  at: required(1, time),
  origin: required(2, name),
  agents: required(
    3,
    list(AGENT, ({ key }) => key, MAX_RECORDED_AGENTS),
  ),
  connections: required(
    4,
    list(CONNECTION, ({ id }) => id),
  ),
  notices: required(5, sentences),
  namesPending: optional(6, whenTrue),
  problem: optional(7, words),
  idleServices: optional(8, names),
  missingNames: optional(9, sentences),
  localGaps: optional(
    10,
    list(LOCAL_GAP, ({ service }) => service),
  ),
  agentNotices: optional(11, sentences),
});
