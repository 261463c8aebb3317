import type { Family } from '../../flow/address.ts';
import { isIcmp, TCP, UDP } from '../../flow/protocol.ts';
import { stateNumber } from '../../flow/state.ts';
import type { CleanText } from '../format/sanitize.ts';

/** The owner of an address. There is one object for each address: compare by identity, and replace an object instead of changing it. */
export interface Endpoint {
  /** Canonical text. */
  readonly address: string;
  /** Absent: no provider of names knows it. */
  readonly kind?: 'pod' | 'node' | 'service' | 'external';
  readonly namespace?: CleanText;
  /** The pod's, node's or service's name; for an external address its DNS name, if that was looked up. */
  readonly name?: CleanText;
  /** A pod's node. Without a kind and a name: the node whose address the packets had; the client may be the node or a pod. */
  readonly node?: CleanText;
  readonly workload?: { readonly kind: CleanText; readonly name: CleanText };
  /** The pod has ended. */
  readonly ended?: true;
  /** Without a kind and a name: the address changed its owner, and it is not known which of these it had at the time. */
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
  /** The client, before any NAT. */
  readonly source: Endpoint;
  readonly sourcePort?: number;
  /** The server, after any NAT; the Service itself if no backend is known. */
  readonly destination: Endpoint;
  readonly destinationPort?: number;
  readonly icmp?: { readonly type: number; readonly code: number; readonly id: number };
  /** The requested address, if destination NAT changed it. */
  readonly service?: AddressPort & { readonly namespace?: CleanText; readonly name?: CleanText };
  /** The client's address that the destination sees, if source NAT changed it. */
  readonly snat?: AddressPort;
  /** A number of `STATE_NAMES`. */
  readonly state: number;
  readonly replied: boolean;
  readonly assured?: boolean;
  readonly offloaded: boolean;
  readonly mark: number;
  /** The zone of the hop that the state is from. */
  readonly zone: number;
  /** The zones of all hops if there are several, in ascending order. */
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
  /** When it began: unix time in milliseconds. Absent: it began before `firstSeenAt`. */
  readonly startedAt?: number;
  /** Unix time in seconds. */
  readonly expiresAt?: number;
  /** The hops of its path, in the order in which packets pass them from source to destination. */
  readonly hops: readonly Hop[];
  /** Every agent that saw it is stale or lost: these numbers are old. */
  readonly stale: boolean;
  /** A request that needs a reply and has none. Set by `withUnanswered` (problems/unanswered-rule.ts), never by a producer. */
  readonly unanswered?: true;
  /**
   * Why the hop of another node is missing: "no agent on node2". Its source may then be unknown: the node whose address it
   * came from may have forwarded it for a pod. Absent: all expected hops are present.
   */
  readonly incomplete?: CleanText;
  /**
   * Set if an agent contradicts the agents of the nodes that the connection belongs to: "node3 says that it continues to …". The
   * connection shows what these nodes' agents say. Absent: nothing is disputed.
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
  /** Absent: recorded by a version without this field. */
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

/** A TCP connection of which only SYNs have been seen, on every node. */
export function isSynOnly({ protocol, state, replied, hops }: Connection): boolean {
  return protocol === TCP && state === SYN_SENT && !replied && hops.every((hop) => hop.state === SYN_SENT);
}

/** A query to a name server. A pod that serves DNS at another port is recognized by its Service's port. */
export function isDnsQuery({ protocol, destinationPort, service }: Connection): boolean {
  return protocol === UDP && (destinationPort === DNS_PORT || service?.port === DNS_PORT);
}

const ECHO_REQUESTS: ReadonlySet<number> = new Set([8, 128]);

/** A ping of either IP version. */
export function isEcho({ protocol, icmp }: Connection): boolean {
  return isIcmp(protocol) && icmp !== undefined && ECHO_REQUESTS.has(icmp.type);
}

/** The sum of the known values; undefined if none is known. */
export function sumKnown(a: number | undefined, b: number | undefined): number | undefined {
  if (a === undefined) return b;
  return b === undefined ? a : a + b;
}

/** A request that needs a reply (SYN, DNS query, ICMP echo) and has none. Only for connections that passed `withUnanswered`. */

export function isUnanswered({ unanswered }: Connection): boolean {
  return unanswered === true;
}
