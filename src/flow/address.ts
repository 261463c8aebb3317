/**
 * Addresses as bytes: 16 per address; IPv4 uses the first four, the rest is zero. The flow's family says whether an address is
 * IPv4 or IPv6; the code never guesses it from the bytes.
 */
export const ADDRESS_BYTES = 16;

export type Family = 4 | 6;

/** Formats an address as canonical text: dotted IPv4, or RFC 5952 IPv6. */
export function formatAddress(family: number, bytes: Uint8Array, at: number): string {
  return family === 4 ? formatIpv4(readIpv4(bytes, at)) : formatIpv6(bytes, at);
}

/** Reads an IPv4 address as one signed 32-bit number. Its first byte is the highest. */
export function readIpv4(bytes: Uint8Array, at: number): number {
  return (
    ((bytes[at] as number) << 24) |
    ((bytes[at + 1] as number) << 16) |
    ((bytes[at + 2] as number) << 8) |
    (bytes[at + 3] as number)
  );
}

/** Formats an address that `readIpv4` returned. */
export function formatIpv4(address: number): string {
  return `${address >>> 24}.${(address >>> 16) & 0xff}.${(address >>> 8) & 0xff}.${address & 0xff}`;
}

function formatIpv6(bytes: Uint8Array, at: number): string {
  // "::" replaces the longest run of two or more zero groups; of equally long runs, the first.
  let bestStart = -1;
  let bestLength = 1;
  let runStart = -1;
  for (let group = 0; group < 8; group++) {
    if (bytes[at + group * 2] !== 0 || bytes[at + group * 2 + 1] !== 0) {
      runStart = -1;
      continue;
    }
    if (runStart < 0) runStart = group;
    if (group - runStart + 1 > bestLength) {
      bestStart = runStart;
      bestLength = group - runStart + 1;
    }
  }
  const mapped = bestStart === 0 && bestLength === 5 && bytes[at + 10] === 0xff && bytes[at + 11] === 0xff;
  if (mapped) return `::ffff:${formatIpv4(readIpv4(bytes, at + 12))}`;
  let text = '';
  for (let group = 0; group < 8; group++) {
    if (group === bestStart) {
      text += '::';
      group += bestLength - 1;
      continue;
    }
    if (text !== '' && !text.endsWith(':')) text += ':';
    text += (((bytes[at + group * 2] ?? 0) << 8) | (bytes[at + group * 2 + 1] ?? 0)).toString(16);
  }
  return text;
}

/**
 * Parses an address in any common notation into `bytes`. Returns its family, or undefined if the text is not an address; `bytes`
 * is then undefined there. Zone ids ("fe80::1%eth0") are rejected: conntrack has none.
 */
export function parseAddress(text: string, bytes: Uint8Array, at: number): Family | undefined {
  if (text.includes(':')) return parseIpv6(text, bytes, at) ? 6 : undefined;
  if (!parseIpv4(text, bytes, at)) return undefined;
  bytes.fill(0, at + 4, at + ADDRESS_BYTES);
  return 4;
}

function parseIpv4(text: string, bytes: Uint8Array, at: number): boolean {
  let part = 0;
  let value = -1;
  for (let i = 0; i <= text.length; i++) {
    const code = i < text.length ? text.charCodeAt(i) : 46;
    if (code === 46) {
      if (value < 0 || part > 3) return false;
      bytes[at + part] = value;
      part++;
      value = -1;
    } else {
      // Leading zeros are rejected: some programs read them as octal, so "010" is ambiguous.
      if (code < 48 || code > 57 || value === 0) return false;
      value = (value < 0 ? 0 : value * 10) + code - 48;
      if (value > 255) return false;
    }
  }
  return part === 4;
}

function parseIpv6(text: string, bytes: Uint8Array, at: number): boolean {
  let tail = text;
  let groupsWanted = 8;
  const lastColon = text.lastIndexOf(':');
  if (text.includes('.')) {
    if (!parseIpv4(text.slice(lastColon + 1), bytes, at + 12)) return false;
    groupsWanted = 6;
    tail = text.slice(0, lastColon);
    // "::1.2.3.4" leaves ":". It stands for the whole "::".
    if (tail === '' || tail.endsWith(':')) tail += ':';
  }
  const gap = tail.indexOf('::');
  const before = gap < 0 ? tail : tail.slice(0, gap);
  const after = gap < 0 ? '' : tail.slice(gap + 2);
  const head = before === '' ? [] : before.split(':');
  const end = after === '' ? [] : after.split(':');
  const count = head.length + end.length;
  if (gap < 0 ? count !== groupsWanted : count >= groupsWanted) return false;
  bytes.fill(0, at, at + groupsWanted * 2);
  return writeGroups(head, bytes, at) && writeGroups(end, bytes, at + (groupsWanted - end.length) * 2);
}

function writeGroups(groups: string[], bytes: Uint8Array, at: number): boolean {
  let position = at;
  for (const group of groups) {
    if (!/^[0-9a-fA-F]{1,4}$/.test(group)) return false;
    const value = Number.parseInt(group, 16);
    bytes[position] = value >> 8;
    bytes[position + 1] = value & 0xff;
    position += 2;
  }
  return true;
}

/** A block of addresses. `bits` is the prefix length. */
export interface Cidr {
  readonly family: Family;
  readonly bytes: Uint8Array;
  readonly bits: number;
}

/** Parses "10.0.0.0/8", "2001:db8::/32" or a single address. Returns undefined for anything else. */
export function parseCidr(text: string): Cidr | undefined {
  const slash = text.indexOf('/');
  const bytes = new Uint8Array(ADDRESS_BYTES);
  const family = parseAddress(slash < 0 ? text : text.slice(0, slash), bytes, 0);
  if (family === undefined) return undefined;
  const most = family === 4 ? 32 : 128;
  if (slash < 0) return { family, bytes, bits: most };
  const length = text.slice(slash + 1);
  if (!/^(0|[1-9]\d{0,2})$/.test(length) || Number(length) > most) return undefined;
  return { family, bytes, bits: Number(length) };
}

/** Returns whether the block contains the address at `at`. The caller compares the family. */
export function cidrContains(cidr: Cidr, bytes: Uint8Array, at: number): boolean {
  const whole = cidr.bits >> 3;
  for (let i = 0; i < whole; i++) if (bytes[at + i] !== cidr.bytes[i]) return false;
  const rest = cidr.bits & 7;
  if (rest === 0) return true;
  const mask = (0xff << (8 - rest)) & 0xff;
  return (((bytes[at + whole] ?? 0) ^ (cidr.bytes[whole] ?? 0)) & mask) === 0;
}
