import { ATTRIBUTE_HEADER_BYTES, ATTRIBUTE_TYPE_MASK, LITTLE_ENDIAN } from './numbers.ts';

/**
 * Locates the attributes of one nest. The object is reused for each nest. It reads only the headers; callers read the content of
 * an attribute on demand. Unused attributes are skipped, however deep they are nested.
 */
export class Attributes {
  #view: DataView = new DataView(new ArrayBuffer(0));
  /** By type: start of the content (-1: absent), and its length. */
  readonly #start: Int32Array;
  readonly #length: Int32Array;

  /** `count`: the types 1 to `count` - 1 are stored. */
  constructor(count: number) {
    this.#start = new Int32Array(count).fill(-1);
    this.#length = new Int32Array(count);
  }

  /** Finds the attributes in `view[start, end)`. Returns false if one of them is too short, or longer than the nest. */
  read(view: DataView, start: number, end: number): boolean {
    this.#view = view;
    const starts = this.#start;
    starts.fill(-1);
    let at = start;
    // Remaining bytes that are shorter than a header are padding.
    while (at + ATTRIBUTE_HEADER_BYTES <= end) {
      const length = view.getUint16(at, LITTLE_ENDIAN);
      if (length < ATTRIBUTE_HEADER_BYTES || at + length > end) return false;
      const type = view.getUint16(at + 2, LITTLE_ENDIAN) & ATTRIBUTE_TYPE_MASK;
      // Of a repeated attribute the last one counts, as in the kernel and its tools.
      if (type < starts.length) {
        starts[type] = at + ATTRIBUTE_HEADER_BYTES;
        this.#length[type] = length - ATTRIBUTE_HEADER_BYTES;
      }
      at += (length + 3) & ~3;
    }
    return true;
  }

  /** Finds the attributes nested in `parent`'s attribute `type`. Returns false if it is absent or malformed. */
  readNested(parent: Attributes, type: number): boolean {
    const start = parent.#start[type] as number;
    return start >= 0 && this.read(parent.#view, start, start + (parent.#length[type] as number));
  }

  has(type: number): boolean {
    return (this.#start[type] as number) >= 0;
  }

  /** Returns the offset of an attribute's content if it has this many bytes, else -1. */
  offset(type: number, bytes: number): number {
    const start = this.#start[type] as number;
    return start >= 0 && (this.#length[type] as number) >= bytes ? start : -1;
  }

  /** Read the big-endian number in an attribute; -1 if there is none of that size. */
  uint8(type: number): number {
    const at = this.offset(type, 1);
    return at < 0 ? -1 : this.#view.getUint8(at);
  }

  uint16(type: number): number {
    const at = this.offset(type, 2);
    return at < 0 ? -1 : this.#view.getUint16(at);
  }

  uint32(type: number): number {
    const at = this.offset(type, 4);
    return at < 0 ? -1 : this.#view.getUint32(at);
  }

  /** Above 2^53, returns the nearest double. */
  uint64(type: number): number {
    const at = this.offset(type, 8);
    return at < 0 ? -1 : this.#view.getUint32(at) * 0x1_0000_0000 + this.#view.getUint32(at + 4);
  }
}
