/** IANA numbers of the protocols that conntrack has details for. */
export const ICMP = 1;
export const TCP = 6;
export const UDP = 17;
export const DCCP = 33;
export const GRE = 47;
export const ICMPV6 = 58;
export const SCTP = 132;
export const UDPLITE = 136;

const NAMES = new Map<number, string>([
  [ICMP, 'icmp'],
  [TCP, 'tcp'],
  [UDP, 'udp'],
  [DCCP, 'dccp'],
  [GRE, 'gre'],
  [ICMPV6, 'icmpv6'],
  [SCTP, 'sctp'],
  [UDPLITE, 'udplite'],
]);
const NUMBERS = new Map([...NAMES].map(([number, name]) => [name, number]));

/** Returns the kernel's name of a protocol: "tcp", "udp" …, or "unknown". */
export function protocolName(number: number): string {
  return NAMES.get(number) ?? 'unknown';
}

/** Parses a name that {@link protocolName} returns, or a decimal number. Returns undefined for anything else. */
export function protocolNumber(text: string): number | undefined {
  const named = NUMBERS.get(text);
  if (named !== undefined) return named;
  if (!/^\d{1,3}$/.test(text)) return undefined;
  const number = Number(text);
  return number <= 255 ? number : undefined;
}

export function isIcmp(protocol: number): boolean {
  return protocol === ICMP || protocol === ICMPV6;
}
