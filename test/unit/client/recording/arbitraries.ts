import fc from 'fast-check';
import { cleanText } from '../../../../src/client/format/sanitize.ts';
import type { AgentInfo, AgentPoll, AgentState, AgentStatus } from '../../../../src/client/model/agent.ts';
import type { AddressPort, Connection, Endpoint, Hop } from '../../../../src/client/model/connection.ts';
import type { Snapshot } from '../../../../src/client/model/snapshot.ts';

/** Each optional property is there or not. */
function record<T>(model: { [Key in keyof T]-?: fc.Arbitrary<NonNullable<T[Key]>> }, required: (keyof T)[]) {
  return fc.record(model, { requiredKeys: required, noNullPrototype: true } as never) as unknown as fc.Arbitrary<T>;
}

/** As it is in the model: clean. */
const anyText = fc.string({ unit: 'grapheme', maxLength: 12 }).map(cleanText);
const aName = fc.stringMatching(/^[a-z][a-z0-9.-]{0,9}$/);
const time = fc.integer({ min: -8.64e15, max: 8.64e15 });
const anyNumber = fc.oneof(fc.nat(), fc.maxSafeInteger(), fc.double());
const port = fc.integer({ min: 0, max: 65_535 });
const address = fc.oneof(fc.ipV4(), fc.ipV6());

const owner = {
  address,
  kind: fc.constantFrom('pod' as const, 'node' as const, 'service' as const, 'external' as const),
  namespace: aName,
  name: aName,
  node: aName,
  workload: fc.record({ kind: aName, name: aName }, { noNullPrototype: true }),
  ended: fc.constant(true as const),
};
const candidates = fc.array(record<Omit<Endpoint, 'candidates'>>(owner, ['address']), { maxLength: 3 });
const endpoint: fc.Arbitrary<Endpoint> = record<Endpoint>({ ...owner, candidates }, ['address']);
const addressPort = record<AddressPort>({ address, port }, ['address']);
const tuple = fc.record({ source: addressPort, destination: addressPort }, { noNullPrototype: true });

const hop = record<Hop>(
  {
    agent: fc.constantFrom('a', 'b', 'c'),
    node: aName,
    flow: fc.nat(),
    original: tuple,
    reply: tuple,
    state: fc.nat(20),
    sentBytes: anyNumber,
    receivedBytes: anyNumber,
    sentRate: anyNumber,
    receivedRate: anyNumber,
    zone: fc.nat(65_535),
  },
  ['agent', 'node', 'flow', 'original', 'reply', 'state'],
);

function connection(endpoints: readonly [Endpoint, ...Endpoint[]]): fc.Arbitrary<Connection> {
  return record<Omit<Connection, 'unanswered'>>(
    {
      id: fc.nat(8),
      family: fc.constantFrom(4, 6),
      protocol: fc.nat(255),
      source: fc.constantFrom(...endpoints),
      sourcePort: port,
      destination: fc.constantFrom(...endpoints),
      destinationPort: port,
      icmp: fc.record({ type: fc.nat(255), code: fc.nat(255), id: port }, { noNullPrototype: true }),
      service: record<NonNullable<Connection['service']>>({ address, port, namespace: aName, name: aName }, [
        'address',
      ]),
      snat: addressPort,
      state: fc.nat(20),
      replied: fc.boolean(),
      assured: fc.boolean(),
      offloaded: fc.boolean(),
      mark: fc.nat(),
      zone: fc.nat(),
      sentRate: anyNumber,
      receivedRate: anyNumber,
      sentBytes: anyNumber,
      receivedBytes: anyNumber,
      sentPackets: anyNumber,
      receivedPackets: anyNumber,
      firstSeenAt: time,
      expiresAt: anyNumber,
      hops: fc.array(hop, { maxLength: 3 }),
      stale: fc.boolean(),
      zones: fc.array(fc.nat(65_535), { minLength: 1, maxLength: 3 }),
      incomplete: aName,
      disputed: aName,
      startedAt: time,
    },
    [
      'id',
      'family',
      'protocol',
      'source',
      'destination',
      'state',
      'replied',
      'offloaded',
      'mark',
      'zone',
      'firstSeenAt',
      'hops',
      'stale',
    ],
  );
}

const status: fc.Arbitrary<AgentStatus> = fc.oneof(
  fc.constantFrom<AgentStatus>({ kind: 'connecting' }, { kind: 'live' }),
  anyText.map((reason): AgentStatus => ({ kind: 'stale', reason })),
  fc.tuple(anyText, time).map(([reason, retryAt]): AgentStatus => ({ kind: 'lost', reason, retryAt })),
  anyText.map((reason): AgentStatus => ({ kind: 'lost', reason })),
);

const agentInfo = record<AgentInfo>(
  {
    node: anyText,
    version: anyText,
    source: fc.constantFrom('procfs', 'netlink', 'unknown'),
    path: anyText,
    accounting: fc.constantFrom('on', 'off', 'unknown'),
    timestamping: fc.constantFrom('on', 'off', 'unknown'),
    entries: fc.nat(),
    maxEntries: fc.nat(),
    counters: fc.dictionary(anyText, anyNumber, { noNullPrototype: true }),
    startedAt: time,
    unavailableReason: anyText,
    sourceReason: anyText,
    unparsedSample: anyText,
  },
  ['node', 'version', 'source', 'path', 'accounting', 'timestamping'],
);

const poll = record<AgentPoll>(
  {
    observedAt: time,
    entries: fc.nat(),
    unparsedLines: fc.nat(),
    durationSeconds: anyNumber,
    intervalSeconds: anyNumber,
    skipped: fc.boolean(),
    unparsedSample: anyText,
  },
  ['observedAt', 'entries', 'unparsedLines', 'durationSeconds', 'skipped'],
);

const agent = record<AgentState>(
  {
    key: fc.constantFrom('a', 'b', 'c'),
    node: anyText,
    namespace: anyText,
    pod: anyText,
    status,
    info: agentInfo,
    poll,
    flows: fc.nat(),
    omittedFlows: fc.nat(),
    lastSeenAt: time,
    claimedNode: anyText,
  },
  ['key', 'node', 'status'],
);

/** What happens between two snapshots to the list of connections. */
type Step =
  | { readonly kind: 'same list' }
  | { readonly kind: 'copy of the list' }
  | { readonly kind: 'swap with the last and remove' | 'rebuilt, equal'; readonly at: number }
  | { readonly kind: 'put'; readonly at: number; readonly connection: Connection }
  | { readonly kind: 'whole'; readonly connections: readonly Connection[] };

function step(one: fc.Arbitrary<Connection>): fc.Arbitrary<Step> {
  const at = fc.nat(9);
  return fc.oneof(
    fc.constantFrom<Step>({ kind: 'same list' }, { kind: 'copy of the list' }),
    at.map((place): Step => ({ kind: 'swap with the last and remove', at: place })),
    at.map((place): Step => ({ kind: 'rebuilt, equal', at: place })),
    fc.tuple(at, one).map(([place, connection]): Step => ({ kind: 'put', at: place, connection })),
    fc
      .uniqueArray(one, { maxLength: 6, selector: ({ id }) => id })
      .map((connections): Step => ({ kind: 'whole', connections })),
  );
}

function apply(before: readonly Connection[], change: Step): readonly Connection[] {
  if (change.kind === 'same list') return before;
  if (change.kind === 'whole') return change.connections;
  const next = [...before];
  if (change.kind === 'copy of the list') return next;
  const at = Math.min(change.at, next.length);
  if (change.kind === 'put') {
    // No two have the same id.
    const place = next.findIndex(({ id }) => id === change.connection.id);
    next[place >= 0 ? place : at] = change.connection;
  } else if (change.kind === 'rebuilt, equal') {
    const one = next[at];
    if (one !== undefined) next[at] = { ...one };
  } else {
    const last = next.pop();
    if (last !== undefined && at < next.length) next[at] = last;
  }
  return next;
}

/** Any snapshots, one after the other. */
export const sessions: fc.Arbitrary<readonly Snapshot[]> = fc
  .array(endpoint, { minLength: 1, maxLength: 4 })
  .chain((endpoints) => {
    const frame = fc.record({
      step: step(connection(endpoints as [Endpoint, ...Endpoint[]])),
      rest: record<Omit<Snapshot, 'connections' | 'held'>>(
        {
          at: time,
          origin: anyText,
          agents: fc.array(agent, { maxLength: 3 }),
          notices: fc.array(anyText, { maxLength: 3 }),
          agentNotices: fc.array(anyText),
          missingNames: fc.array(anyText, { maxLength: 3 }),
          namesPending: fc.constant(true as const),
          servicesWithoutEndpoints: fc.array(anyText, { maxLength: 3 }),
          localGaps: fc.array(
            fc.record({ service: anyText, nodes: fc.array(aName, { maxLength: 3 }) }, { noNullPrototype: true }),
            { maxLength: 3 },
          ),
          discoveryError: anyText,
        },
        ['at', 'origin', 'agents', 'notices'],
      ),
    });
    return fc.array(frame, { maxLength: 12 });
  })
  .map((frames) => {
    let connections: readonly Connection[] = [];
    return frames.map(({ step, rest }) => {
      connections = apply(connections, step);
      return { ...rest, connections };
    });
  });
