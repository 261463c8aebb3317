const LENGTH_DELIMITED = 2;

export interface FieldCounts {
  /** Times that a field comes, by its number; of packed numbers, each. */
  readonly byNumber: ReadonlyMap<number, number>;
  readonly total: number;
}

/**
 * Counts the fields of a protobuf message, without those of the messages in it, and without making an object: two bytes of a message may
 * stand for an object of hundreds, so this comes before the decoder. `packed`: the field whose content is varints. What is no message
 * counts up to where that shows; the decoder then says so.
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
