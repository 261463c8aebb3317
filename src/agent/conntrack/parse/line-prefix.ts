import { isDigit, isFamily, isLower, isUpper, type LineCursor } from './line-cursor.ts';
import { parseDecimal } from './numbers.ts';
import * as key from './tokens.ts';
import { parseState } from './tokens.ts';

const SPACE = 32;
const HYPHEN = 45;
/** Kernel timeouts are at most half of this. Some vendors' tools print a higher number for a missing timeout. */
export const MAX_TIMEOUT_SECONDS = 0x7fff_ffff;

/** The part of a line before the tuples. */
export interface LinePrefix {
  /** 0: the line has no family; the addresses show it. */
  family: number;
  protocol: number;
  /** -1: no timeout, as in an offloaded entry. */
  timeout: number;
  /** 0: no state, or an unknown one. */
  state: number;
}

/**
 * Parses "ipv4 2 tcp 6 431999 ESTABLISHED " or "tcp 6 431999 ESTABLISHED ". Returns false for anything else. Skips other words
 * before the tuples: GRE prints two timeouts of its own.
 */
export function parseLinePrefix(line: LineCursor, preface: LinePrefix): boolean {
  if (!parseProtocols(line, preface)) return false;
  const start = line.at;
  if (isDigit(line.code)) {
    const timeout = parseDecimal(line.bytes, start, line.word());
    preface.timeout = timeout > MAX_TIMEOUT_SECONDS ? -1 : timeout;
  } else if (isLower(line.code) && !line.isPair()) {
    // The line lost its beginning: "v4 2 tcp 6 …" does not mean protocol 2.
    return false;
  }
  while (!line.isKey(key.SRC)) {
    if (line.code <= SPACE) return false;
    if (preface.state === 0 && isUpper(line.code)) {
      const name = line.at;
      preface.state = Math.max(0, parseState(line.bytes, name, line.word()));
    } else if (!line.skipWord()) return false;
  }
  return true;
}

function parseProtocols(line: LineCursor, preface: LinePrefix): boolean {
  const { bytes } = line;
  preface.family = 0;
  let name = line.at;
  let end = line.word();
  if (end - name === 4 && isFamily(bytes, name)) {
    preface.family = (bytes[name + 3] as number) - 48;
    const number = line.at;
    if (parseDecimal(bytes, number, line.word()) !== (preface.family === 4 ? 2 : 10)) return false;
    name = line.at;
    end = line.word();
  }
  const number = line.at;
  preface.protocol = parseDecimal(bytes, number, line.word());
  return isName(bytes, name, end) && preface.protocol >= 0 && preface.protocol <= 255;
}

/** Returns whether a word can be a protocol: "tcp", "udplite", "ipv6-icmp". A file name or an event type cannot. */
function isName(bytes: Uint8Array, start: number, end: number): boolean {
  if (!isLower(bytes[start] as number)) return false;
  for (let at = start + 1; at < end; at++) {
    const code = bytes[at] as number;
    if (!isLower(code) && !isDigit(code) && code !== HYPHEN) return false;
  }
  return true;
}
