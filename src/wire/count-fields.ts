const LENGTH_DELIMITED = 2;

export interface FieldCounts {
  /** Occurrences of each field, by its number. A packed field counts each of its numbers. */
  readonly byNumber: ReadonlyMap<number, number>;
  readonly total: number;
}

/**
 * Counts the fields of a protobuf message without creating objects; fields of nested messages are not counted. It runs before the
 * decoder, because two bytes of a message can decode to an object of hundreds of bytes. `packed`: number of the field that holds
 * varints. For malformed input it counts up to the error, which the decoder then reports.
 */
export function countFields(bytes: Uint8Array, packed?: number): FieldCounts {
  const byNumber = new Map<number, number>();
  let total = 0;
  let at = 0;
  const varint = (): number => {
    let value = 0;
    for (let shift = 0; at < bytes.length && shift < 70; shift += 7) {
      const byte = bytes[at++] ?? 0;
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) return value;
    }
    return Number.NaN;
  };
  while (at < bytes.length) {
    const tag = varint();
    const [number, type] = [Math.floor(tag / 8), tag % 8];
    let items = 1;
    if (type === 0) varint();
    else if (type === 1) at += 8;
    else if (type === 5) at += 4;
    else if (type === LENGTH_DELIMITED) {
      const length = varint();
      if (!(length <= bytes.length - at)) break;
      if (number === packed) items = countVarints(bytes, at, at + length);
      at += length;
    } else break;
    byNumber.set(number, (byNumber.get(number) ?? 0) + items);
    total += items;
  }
  return { byNumber, total };
}

function countVarints(bytes: Uint8Array, from: number, to: number): number {
  let count = 0;
  for (let at = from; at < to; at++) if ((bytes[at] ?? 0) < 0x80) count++;
  return count;
}
