/**
 * What the client knows, in the words that its parts share. Producers: `stream` (agents), `names` (parties), `join`
 * (connections). Consumers: `view` and `cli`. Plain data; nothing here does anything.
 */
import type { Family } from '../flow/address.ts';
import type { CleanText } from './format/sanitize.ts';

/** Who an address is. One object an address: compare by identity, and never change one, replace it. */
export interface Party {
  /** Canonical text. */
  readonly address: string;
  /** Absent: nothing that could tell was asked, or none of it could. */
  readonly kind?: 'pod' | 'node' | 'service' | 'external';
  readonly namespace?: CleanText;
  /** The pod's, node's or service's name; for an external address its name in the DNS, where that was looked up. */
  readonly name?: CleanText;
  /** Where a pod runs; of one without a kind and a name, the node whose address it came with, for itself or for another. */
  readonly node?: CleanText;
  readonly workload?: { readonly kind: CleanText; readonly name: CleanText };
  /** The pod has ended: it is not there any more. */
  readonly ended?: true;
  /** Without a kind and a name: the address changed its owner, and it is not known which of these it was at the time. */
  readonly candidates?: readonly Omit<Party, 'candidates'>[];
}

export interface AddressPort {
  readonly address: string;
  readonly port?: number;
}

/** One connection, however many nodes saw it. Sent is from source to destination. Absent is unknown, never 0. */
export interface Connection {
  /** Stable while the connection lives; not reused in a session. */
  readonly id: number;
  readonly family: Family;
  /** IANA number. */
  readonly protocol: number;
  /** Who asked, before any NAT. */
  readonly source: Party;
  readonly sourcePort?: number;
  /** Who answers, after any NAT; the service itself, where no backend is known. */
  readonly destination: Party;
  readonly destinationPort?: number;
  readonly icmp?: { readonly type: number; readonly code: number; readonly id: number };
  /** What the source asked for, where destination NAT changed that. */
  readonly service?: AddressPort & { readonly namespace?: CleanText; readonly name?: CleanText };
  /** What the destination sees as its client, where source NAT changed that. */
  readonly masquerade?: AddressPort;
  /** A number of `STATE_NAMES`. */
  readonly state: number;
  readonly replied: boolean;
  readonly assured?: boolean;
  readonly offloaded: boolean;
  readonly mark: number;
  /** Of the hop that its state is from. */
  readonly zone: number;
  /** The zones of all its hops, where there are several: in ascending order. */
  readonly zones?: readonly number[];
  /** Bytes per second, over the last two polls. */
  readonly sentRate?: number;
  readonly receivedRate?: number;
  readonly sentBytes?: number;
  readonly receivedBytes?: number;
  readonly sentPackets?: number;
  readonly receivedPackets?: number;
  /** When an agent first saw it: unix time in milliseconds. */
  readonly firstSeenAt: number;
  /** When it began: unix time in milliseconds. Absent: it was there before, so it is older than `firstSeenAt`. */
  readonly startedAt?: number;
  /** Unix time in seconds. */
  readonly expiresAt?: number;
  /** What each agent saw of it, in the order of the packets' way from source to destination. */
  readonly hops: readonly Hop[];
  /** Every agent that saw it is stale or lost: these numbers are old. */
  readonly stale: boolean;
  /** A request that needs a reply and has none. Set by `withUnanswered` (problems/unanswered.ts), never by a producer. */
  readonly unanswered?: true;
  /**
   * Why what another node saw of it is missing: "no agent on node2". Its source may then be unknown: the node whose address it
   * came from may have asked for somebody else. Absent: all is there that is expected.
   */
  readonly incomplete?: CleanText;
  /**
   * Who says what, where an agent says of it what only the agents of other nodes may say: "node3 says that it goes on to …". What is
   * shown is what those say that may. Absent: nothing is disputed.
   */
  readonly disputed?: CleanText;
}

/** One agent's entry of a connection. */
export interface Hop {
  /** AgentState.key */
  readonly agent: string;
  /** The agent's node. */
  readonly node: CleanText;
  /** Flow id in that agent's table. */
  readonly flow: number;
  readonly original: { readonly source: AddressPort; readonly destination: AddressPort };
  readonly reply: { readonly source: AddressPort; readonly destination: AddressPort };
  readonly state: number;
  /** Absent: recorded by a version that did not tell. */
  readonly zone?: number;
  readonly sentBytes?: number;
  readonly receivedBytes?: number;
  readonly sentRate?: number;
  readonly receivedRate?: number;
}

/**
 * An agent's life. `live`: its table is that of its last poll. `stale`: connected, but polls fail or do not come. `lost`:
 * not connected; it is being tried again, at `retryAt`. Without that it is gone, and only what it saw last is left. `unused`: its
 * node has another agent, so what it tells is not looked at.
 */
export type AgentStatus =
  | { readonly kind: 'connecting' }
  | { readonly kind: 'live' }
  | { readonly kind: 'stale'; readonly reason: CleanText }
  | { readonly kind: 'lost'; readonly reason: CleanText; readonly retryAt?: number }
  | { readonly kind: 'unused'; readonly reason: CleanText };

/** What GetAgent told, the parts that people ask for. Absent is unknown. */
export interface AgentAbout {
  readonly node: CleanText;
  readonly version: CleanText;
  readonly source: 'procfs' | 'netlink' | 'unknown';
  readonly path: CleanText;
  readonly accounting: 'on' | 'off' | 'unknown';
  readonly timestamping: 'on' | 'off' | 'unknown';
  readonly entries?: number;
  readonly maxEntries?: number;
  readonly counters?: Readonly<Record<string, number>>;
  readonly startedAt?: number;
  readonly unavailableReason?: CleanText;
  /** A line of its table that it did not understand. */
  readonly unparsedSample?: CleanText;
}

/** The last poll that the agent told of. */
export interface AgentPoll {
  /** Unix time in milliseconds, by the agent's clock. */
  readonly observedAt: number;
  readonly entries: number;
  readonly unparsedLines: number;
  /** One of them. */
  readonly unparsedSample?: CleanText;
  readonly durationSeconds: number;
  /** Absent: it told none, or one that no agent can have. */
  readonly intervalSeconds?: number;
  readonly skipped: boolean;
}

export interface AgentState {
  /** Stable name of the agent in this session: "namespace/pod", "host:port", "local". */
  readonly key: string;
  /** The node's name: in a cluster as Kubernetes has it, elsewhere as the agent says. Until it is known, the key. */
  readonly node: CleanText;
  readonly namespace?: CleanText;
  readonly pod?: CleanText;
  /** In a cluster: the node that the agent says it is on, where that is another one. */
  readonly claimedNode?: CleanText;
  readonly status: AgentStatus;
  readonly about?: AgentAbout;
  readonly poll?: AgentPoll;
  /** Flows in its table. Absent until there is one. */
  readonly flows?: number;
  /** Flows of its table that are not taken, because there are too many: those with the lowest rates. Absent: none. */
  readonly omittedFlows?: number;
  /**
   * When its table was last known to be true, or until it has sent one, when it last answered: unix time in milliseconds, by
   * this machine's clock.
   */
  readonly lastSeenAt?: number;
}

/** A service of `internalTrafficPolicy: Local`, and nodes with pods but without an endpoint of it. */
export interface LocalGap {
  /** "namespace/name" */
  readonly service: CleanText;
  readonly nodes: readonly CleanText[];
}

/** Everything that a screen or a command shows, at one moment. */
export interface Snapshot {
  /** Unix time in milliseconds, by this machine's clock. */
  readonly at: number;
  /** Where the data comes from: "this machine", a kubeconfig context, "2 endpoints", a recording's name. */
  readonly origin: CleanText;
  readonly agents: readonly AgentState[];
  /** In no order. The objects of unchanged connections are the same as in the snapshot before. */
  readonly connections: readonly Connection[];
  /** Halves of connections that are held back: their other half may be on its way. Not recorded. */
  readonly held?: readonly Connection[];
  /** Things that the operator should know once: "names are not shown: …". */
  readonly notices: readonly CleanText[];
  /** Why some names are missing, where that is known: permissions that the user lacks. Also part of `notices`. */
  readonly missingNames?: readonly CleanText[];
  /** Pods that may be agents and are not used, and why. Also part of `notices`. */
  readonly agentNotices?: readonly CleanText[];
  /** Names are still on their way: connections may show addresses for that reason alone. */
  readonly namesPending?: true;
  /** Services of the cluster that nothing stands behind: "namespace/name". Absent: there are none, or it is not known. */
  readonly idleServices?: readonly CleanText[];
  /** Services whose connections stay on their node, and have no endpoint on some that has clients. Absent: as above. */
  readonly localGaps?: readonly LocalGap[];
  /** Set while the agents themselves cannot be found: why. */
  readonly problem?: CleanText;
}
