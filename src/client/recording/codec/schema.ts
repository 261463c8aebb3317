import type { Family } from '../../../flow/address.ts';
import type { CleanText } from '../../format/sanitize.ts';
import type { AgentInfo, AgentPoll, AgentState, AgentStatus } from '../../model/agent.ts';
import type { AddressPort, Connection, Endpoint, Hop } from '../../model/connection.ts';
import { MAX_ENDPOINT_CANDIDATES, MAX_RECORDED_AGENTS } from '../../model/limits.ts';
import type { LocalGap, Snapshot } from '../../model/snapshot.ts';
import { CorruptDataError } from './bytes.ts';
import type { Codec, Decoder } from './codec.ts';
import { list, message, optional, required } from './message.ts';
import {
  boolean,
  enumOf,
  internedText,
  internedTextList,
  messageText,
  number,
  numberList,
  numbers,
  path,
  sentences,
  text,
  time,
  trueFlag,
} from './values.ts';

/**
 * How a Snapshot is recorded. A field's number never changes its meaning; a new field gets a number that was never used, and
 * is optional, because old recordings do not have it.
 */
const CANDIDATE = {
  address: required(1, internedText),
  kind: optional(2, enumOf('pod', 'node', 'service', 'external')),
  namespace: optional(3, internedText),
  name: optional(4, internedText),
  node: optional(5, internedText),
  workload: optional(
    6,
    message<NonNullable<Endpoint['workload']>>({ kind: required(1, internedText), name: required(2, internedText) }),
  ),
  ended: optional(7, trueFlag),
};

const ENDPOINT = message<Endpoint>({
  ...CANDIDATE,
  candidates: optional(
    8,
    list(message<Omit<Endpoint, 'candidates'>>(CANDIDATE), ({ name }) => name, MAX_ENDPOINT_CANDIDATES),
  ),
});

/** Many connections share an endpoint: it is stored once, and is one object again when it is read. */
const endpoint: Codec<Endpoint> = {
  write: (out, field, _, value) => out.shared(field, value, () => ENDPOINT.writeBody(out, undefined, value)),
  read: (input, valueType) => input.shared(valueType) as Endpoint,
};

export function readEndpoint(input: Decoder): Endpoint {
  return ENDPOINT.readBody(input, undefined);
}

const ADDRESS_PORT = message<AddressPort>({ address: required(1, internedText), port: optional(2, number) });

type Tuple = Hop['original'];
const TUPLE = message<Tuple>({ source: required(1, ADDRESS_PORT), destination: required(2, ADDRESS_PORT) });

const HOP = message<Hop>({
  agent: required(1, text),
  node: required(2, internedText),
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

/** `unanswered` is not recorded but derived in a replay, because a later version may have a better rule. */
const CONNECTION = message<Omit<Connection, 'unanswered'>>({
  id: required(1, number),
  family: required(2, enumOf<Family>(4, 6)),
  protocol: required(3, number),
  source: required(4, endpoint),
  sourcePort: optional(5, number),
  destination: required(6, endpoint),
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
      address: required(1, internedText),
      port: optional(2, number),
      namespace: optional(3, internedText),
      name: optional(4, internedText),
    }),
  ),
  snat: optional(10, ADDRESS_PORT),
  state: required(11, number),
  replied: required(12, boolean),
  assured: optional(13, boolean),
  offloaded: required(14, boolean),
  mark: required(15, number),
  zone: required(16, number),
  firstSeenAt: required(17, time),
  expiresAt: optional(18, number),
  hops: required(
    19,
    list(HOP, ({ agent }) => agent),
  ),
  // After the hops: most of these repeat one hop's numbers, which compresses well.
  sentRate: optional(20, number),
  receivedRate: optional(21, number),
  sentBytes: optional(22, number),
  receivedBytes: optional(23, number),
  sentPackets: optional(24, number),
  receivedPackets: optional(25, number),
  stale: required(26, boolean),
  zones: optional(27, numberList),
  incomplete: optional(28, messageText),
  startedAt: optional(29, time),
  disputed: optional(30, messageText),
});

/** The union's members as one type with all their properties. */
interface AnyStatus {
  readonly kind: AgentStatus['kind'];
  readonly reason?: CleanText;
  readonly retryAt?: number;
}

const ANY_STATUS = message<AnyStatus>({
  kind: required(1, enumOf('connecting', 'live', 'stale', 'lost', 'unused')),
  reason: optional(2, messageText),
  retryAt: optional(3, time),
});

const status: Codec<AgentStatus> = {
  write: (out, field, _, value) => ANY_STATUS.write(out, field, undefined, value),
  read(input, valueType) {
    const { kind, reason, retryAt } = ANY_STATUS.read(input, valueType, undefined);
    if (kind === 'connecting' || kind === 'live') return { kind };
    if (reason !== undefined && (kind === 'stale' || kind === 'unused')) return { kind, reason };
    if (reason !== undefined && kind === 'lost') return { kind, reason, ...(retryAt === undefined ? {} : { retryAt }) };
    throw new CorruptDataError('a status without its reason');
  },
};

const ABOUT = message<AgentInfo>({
  node: required(1, internedText),
  version: required(2, internedText),
  source: required(3, enumOf('procfs', 'netlink', 'unknown')),
  path: required(4, path),
  accounting: required(5, enumOf('on', 'off', 'unknown')),
  timestamping: required(6, enumOf('on', 'off', 'unknown')),
  entries: optional(7, number),
  maxEntries: optional(8, number),
  counters: optional(9, numbers),
  startedAt: optional(10, time),
  unavailableReason: optional(11, messageText),
  unparsedSample: optional(12, internedText),
  sourceReason: optional(13, internedText),
});

const POLL = message<AgentPoll>({
  observedAt: required(1, time),
  entries: required(2, number),
  unparsedLines: required(3, number),
  durationSeconds: required(4, number),
  intervalSeconds: optional(5, number),
  skipped: required(6, boolean),
  unparsedSample: optional(7, internedText),
});

const AGENT = message<AgentState>({
  key: required(1, text),
  node: required(2, internedText),
  namespace: optional(3, internedText),
  pod: optional(4, internedText),
  status: required(5, status),
  info: optional(6, ABOUT),
  poll: optional(7, POLL),
  flows: optional(8, number),
  lastSeenAt: optional(9, time),
  claimedNode: optional(10, internedText),
  omittedFlows: optional(11, number),
});

const LOCAL_GAP = message<LocalGap>({ service: required(1, internedText), nodes: required(2, internedTextList) });

export const SNAPSHOT = message<Omit<Snapshot, 'held'>>({
  at: required(1, time),
  origin: required(2, internedText),
  agents: required(
    3,
    list(AGENT, ({ key }) => key, MAX_RECORDED_AGENTS),
  ),
  connections: required(
    4,
    list(CONNECTION, ({ id }) => id),
  ),
  notices: required(5, sentences),
  namesPending: optional(6, trueFlag),
  discoveryError: optional(7, messageText),
  servicesWithoutEndpoints: optional(8, internedTextList),
  missingNames: optional(9, sentences),
  localGaps: optional(
    10,
    list(LOCAL_GAP, ({ service }) => service),
  ),
  agentNotices: optional(11, sentences),
});
