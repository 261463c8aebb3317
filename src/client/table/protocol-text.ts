import { protocolName } from '../../flow/protocol.ts';
import type { Connection } from '../model.ts';

/** "tcp", "udp" …, or "ip/50" for a protocol without a name. */
export function protocolText({ protocol }: Pick<Connection, 'protocol'>): string {
  const name = protocolName(protocol);
  return name === 'unknown' ? `ip/${protocol}` : name;
}

const ICMP_REQUESTS: Readonly<Record<number, string>> = { 8: 'echo', 13: 'time', 15: 'info', 17: 'mask', 128: 'echo' };

/** What an ICMP message asks for; undefined for other protocols. */
export function icmpText({ icmp }: Connection): string | undefined {
  return icmp && (ICMP_REQUESTS[icmp.type] ?? `type ${icmp.type}`);
}
