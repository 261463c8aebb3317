import { isIcmp, TCP, UDP } from '../../flow/protocol.ts';
import { stateNumber } from '../../flow/state.ts';
import type { Connection } from '../model.ts';

const DNS_PORT = 53;
const SYN_SENT = stateNumber('SYN_SENT');

/** A TCP connection of which only SYNs have been seen, by whichever node. */
export function isBareSyn({ protocol, state, replied, hops }: Connection): boolean {
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
