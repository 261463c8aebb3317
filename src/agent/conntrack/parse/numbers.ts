import { parseAddress } from '../../../flow/address.ts';

/** Parses numbers and addresses from bytes, without creating strings. */

const MAX_EXACT = Number.MAX_SAFE_INTEGER;

/** Parses the decimal number in `bytes[start, end)`; -1 if it is not a number. Above 2^53, returns the nearest double. */
export function parseDecimal(bytes: Uint8Array, start: number, end: number): number {
  if (start >= end || end - start > 20) return -1;
  let value = 0;
  for (let at = start; at < end; at++) {
    const digit = (bytes[at] as number) - 48;
    if (digit < 0 || digit > 9) return -1;
    value = value * 10 + digit;
  }
  // Above that, each step rounds. Only parsing the whole text at once finds the nearest double.
  return value <= MAX_EXACT ? value : Number(String.fromCharCode(...bytes.subarray(start, end)));
}

/** Parses a number such as "0x1f"; -1 if it is not one, or longer than 32 bits. */
export function parseHex(bytes: Uint8Array, start: number, end: number): number {
  if (end - start < 3 || end - start > 10 || bytes[start] !== 48 || bytes[start + 1] !== 120) return -1;
  let value = 0;
  for (let at = start + 2; at < end; at++) {
    const digit = parseHexDigit(bytes[at] as number);
    if (digit < 0) return -1;
    value = value * 16 + digit;
  }
  return value;
}

export function parseHexDigit(code: number): number {
  if (code >= 48 && code <= 57) return code - 48;
  if (code >= 97 && code <= 102) return code - 87;
  if (code >= 65 && code <= 70) return code - 55;
  return -1;
}

/** Parses dotted IPv4 into 16 bytes. The last 12 are zero. */
export function parseIpv4(text: Uint8Array, start: number, end: number, bytes: Uint8Array, at: number): boolean {
  let part = 0;
  let from = start;
  for (let i = start; i <= end; i++) {
    if (i < end && text[i] !== 46) continue;
    const value = i - from > 3 ? -1 : parseDecimal(text, from, i);
    if (part > 3 || value < 0 || value > 255) return false;
    bytes[at + part++] = value;
    from = i + 1;
  }
  bytes.fill(0, at + 4, at + 16);
  return part === 4;
}

/** Parses IPv6 as the kernel prints it (eight groups of four digits, 39 characters), or as `conntrack` does, with "::". */
export function parseIpv6(text: Uint8Array, start: number, end: number, bytes: Uint8Array, at: number): boolean {
  if (end - start > 39) return false;
  if (end - start < 39) return parseAddress(String.fromCharCode(...text.subarray(start, end)), bytes, at) === 6;
  for (let group = 0; group < 8; group++) {
    const from = start + group * 5;
    if (group < 7 && text[from + 4] !== 58) return false;
    const a = parseHexDigit(text[from] as number);
    const b = parseHexDigit(text[from + 1] as number);
    const c = parseHexDigit(text[from + 2] as number);
    const d = parseHexDigit(text[from + 3] as number);
    if ((a | b | c | d) < 0) return false;
    bytes[at + group * 2] = (a << 4) | b;
    bytes[at + group * 2 + 1] = (c << 4) | d;
  }
  return true;
}
