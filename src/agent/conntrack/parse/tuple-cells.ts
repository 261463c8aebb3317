import { isIcmp } from '../../../flow/protocol.ts';
import type { LineCursor } from './line-cursor.ts';
import { parseHex } from './numbers.ts';
import * as key from './tokens.ts';

/** The cells of a tuple, as bits: one per port (GRE: per key); for ICMP the type, the id and the code. */
export const FIRST = 1;
export const SECOND = 2;
export const CODE = 4;
export const PORTS = FIRST | SECOND;
const GARBAGE = -1;

const MAX_PORT = 0xffff;
const TCP = 6;
const UDP = 17;

/**
 * Reads a cell of a tuple into `ports` from `cell` on, if one comes next. `had`: the cells that the tuple already has. Returns
 * the cells that it has now; negative if the cell is malformed.
 */
export function parseCell(line: LineCursor, protocol: number, ports: Uint16Array, cell: number, had: number): number {
  if (isIcmp(protocol)) return parseIcmp(line, ports, cell, had);
  if (line.isKey(key.SPORT)) return line.valueOf(key.SPORT, MAX_PORT) ? put(line, ports, cell, had, FIRST) : GARBAGE;
  if (line.isKey(key.DPORT))
    return line.valueOf(key.DPORT, MAX_PORT) ? put(line, ports, cell + 1, had, SECOND) : GARBAGE;
  if (line.isKey(key.SRCKEY)) return greKey(line, ports, cell, had, FIRST);
  if (line.isKey(key.DSTKEY)) return greKey(line, ports, cell + 1, had, SECOND);
  return had;
}

/** Returns whether a tuple has all its cells. The kernel prints none for a protocol without a tracker. */
export function isCompleteTuple(protocol: number, cells: number): boolean {
  if (isIcmp(protocol)) return cells === (FIRST | SECOND | CODE);
  return cells === PORTS || (cells === 0 && protocol !== TCP && protocol !== UDP);
}

function parseIcmp(line: LineCursor, ports: Uint16Array, cell: number, had: number): number {
  if (line.isKey(key.TYPE)) {
    if (!line.valueOf(key.TYPE, 0xff)) return GARBAGE;
    line.value = (line.value << 8) | ((ports[cell] as number) & 0xff);
    return put(line, ports, cell, had, FIRST);
  }
  if (line.isKey(key.CODE)) {
    if (!line.valueOf(key.CODE, 0xff)) return GARBAGE;
    line.value |= (ports[cell] as number) & 0xff00;
    return put(line, ports, cell, had, CODE);
  }
  if (!line.isKey(key.ID)) return had;
  // The program `conntrack` can print the entry's own id at the end of a line.
  if ((had & SECOND) !== 0) {
    line.word();
    return had;
  }
  return line.valueOf(key.ID, MAX_PORT) ? put(line, ports, cell + 1, had, SECOND) : GARBAGE;
}

/** Reads `srckey=0x1f` or `dstkey=`; both keys have the same length. */
function greKey(line: LineCursor, ports: Uint16Array, cell: number, had: number, bit: number): number {
  const start = line.at + key.SRCKEY.length;
  line.value = parseHex(line.bytes, start, line.word());
  return line.value >= 0 && line.value <= MAX_PORT ? put(line, ports, cell, had, bit) : GARBAGE;
}

function put(line: LineCursor, ports: Uint16Array, cell: number, had: number, bit: number): number {
  if ((had & bit) !== 0) return GARBAGE;
  ports[cell] = line.value;
  return had | bit;
}
