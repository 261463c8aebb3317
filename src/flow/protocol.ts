/** IANA numbers of the protocols that conntrack knows more of than their number. */
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

/** "tcp", "udp" … or "unknown", as the kernel names it. */
export function protocolName(number: number): string {
  return NAMES.get(number) ?? 'unknown';
}

/** The number of a name that {@link protocolName} gives, or of a number in decimal; undefined for anything else. */
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
