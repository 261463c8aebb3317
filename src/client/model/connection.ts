import type { Family } from '../../flow/address.ts';
import { isIcmp, TCP, UDP } from '../../flow/protocol.ts';
import { stateNumber } from '../../flow/state.ts';
import type { CleanText } from '../format/sanitize.ts';

/** Who an address is. One object an address: compare by identity, and never change one, replace it. */
export interface Endpoint {
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
  readonly candidates?: readonly Omit<Endpoint, 'candidates'>[];
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
  readonly source: Endpoint;
  readonly sourcePort?: number;
  /** Who answers, after any NAT; the service itself, where no backend is known. */
  readonly destination: Endpoint;
  readonly destinationPort?: number;
  readonly icmp?: { readonly type: number; readonly code: number; readonly id: number };
  /** What the source asked for, where destination NAT changed that. */
  readonly service?: AddressPort & { readonly namespace?: CleanText; readonly name?: CleanText };
  /** What the destination sees as its client, where source NAT changed that. */
  readonly snat?: AddressPort;
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
  /** When an agent first saw it: unix time in milliseconds. Not above 0 in a recording that does not have the time. */
  readonly firstSeenAt: number;
  /** When it began: unix time in milliseconds. Absent: it was there before, so it is older than `firstSeenAt`. */
  readonly startedAt?: number;
  /** Unix time in seconds. */
  readonly expiresAt?: number;
  /** What each agent saw of it, in the order of the packets' way from source to destination. */
  readonly hops: readonly Hop[];
  /** Every agent that saw it is stale or lost: these numbers are old. */
  readonly stale: boolean;
  /** A request that needs a reply and has none. Set by `withUnanswered` (problems/unanswered-rule.ts), never by a producer. */
  readonly unanswered?: true;
  /**
   * Why what another node saw of it is missing: "no agent on node2". Its source may then be unknown: the node whose address it
   * came from may have asked for somebody else. Absent: all is there that is expected.
   */
  readonly incomplete?: CleanText;
  /**
   * Who says what, where an agent says of it what only the agents of other nodes may say: "node3 says that it continues to …". What is
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

/** The nodes whose agents saw it, in order of their names: the JSON field `observedBy`. */
export function observedBy({ hops }: Connection): CleanText[] {
  return [...new Set(hops.map(({ node }) => node))].sort();
}

/** Seconds since an agent first saw it, the least that its age can be. Undefined: a recording does not have the time. */
export function observedFor({ firstSeenAt }: Connection, now: number): number | undefined {
  return firstSeenAt > 0 ? Math.max(0, now - firstSeenAt) / 1000 : undefined;
}

const DNS_PORT = 53;
const SYN_SENT = stateNumber('SYN_SENT');

/** A TCP connection of which only SYNs have been seen, by whichever node. */
export function isSynOnly({ protocol, state, replied, hops }: Connection): boolean {
  return protocol === TCP && state === SYN_SENT && !replied && hops.every((hop) => hop.state === SYN_SENT);
}

/** Sent to a name server. A pod that serves DNS at another port is known by its service's. */
export function isDnsQuery({ protocol, destinationPort, service }: Connection): boolean {
  return protocol === UDP && (destinationPort === DNS_PORT || service?.port === DNS_PORT);
}

const ECHO_REQUESTS: ReadonlySet<number> = new Set([8, 128]);

/** A ping, of either IP version. */
export function isEcho({ protocol, icmp }: Connection): boolean {
  return isIcmp(protocol) && icmp !== undefined && ECHO_REQUESTS.has(icmp.type);
}

/** The sum of what is known; undefined where nothing is. */
export function sumKnown(a: number | undefined, b: number | undefined): number | undefined {
  if (a === undefined) return b;
  return b === undefined ? a : a + b;
}

/** A request that needs a reply (SYN, DNS query, ICMP echo) and has none. Known of the connections of `withUnanswered`. */

export function isUnanswered({ unanswered }: Connection): boolean {
  return unanswered === true;
}
