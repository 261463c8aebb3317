import { ATTRIBUTE_HEADER_BYTES, ATTRIBUTE_TYPE_MASK, LITTLE_ENDIAN } from './numbers.ts';

/**
 * Where the attributes of one nest are. It is reused from nest to nest, and reads no more than the headers: what stands in an
 * attribute is read where it is wanted, and what nobody asks for is passed over, however deep it is.
 */
export class Attributes {
  #view: DataView = new DataView(new ArrayBuffer(0));
  /** By type: where the content begins, -1 where there is none; and how long it is. */
  readonly #start: Int32Array;
  readonly #length: Int32Array;

  /** `count`: types from 1 to one less are remembered. */
  constructor(count: number) {
    this.#start = new Int32Array(count).fill(-1);
    this.#length = new Int32Array(count);
  }

  /** Finds the attributes in `view[start, end)`. False: one of them is too short, or longer than the nest. */
  read(view: DataView, start: number, end: number): boolean {
    this.#view = view;
    const starts = this.#start;
    starts.fill(-1);
    let at = start;
    // What is left over, shorter than a header, is padding.
    while (at + ATTRIBUTE_HEADER_BYTES <= end) {
      const length = view.getUint16(at, LITTLE_ENDIAN);
      if (length < ATTRIBUTE_HEADER_BYTES || at + length > end) return false;
      const type = view.getUint16(at + 2, LITTLE_ENDIAN) & ATTRIBUTE_TYPE_MASK;
      // Of one that comes twice the last is taken, as the kernel and its tools do.
      if (type < starts.length) {
        starts[type] = at + ATTRIBUTE_HEADER_BYTES;
        this.#length[type] = length - ATTRIBUTE_HEADER_BYTES;
      }
      at += (length + 3) & ~3;
    }
    return true;
  }

  /** Finds the attributes inside of `parent`'s attribute `type`. False: there is no such attribute, or it is malformed. */
  readNested(parent: Attributes, type: number): boolean {
    const start = parent.#start[type] as number;
    return start >= 0 && this.read(parent.#view, start, start + (parent.#length[type] as number));
  }

  has(type: number): boolean {
    return (this.#start[type] as number) >= 0;
  }

  /** Where the content of an attribute is, if it has so many bytes; else -1. */
  offset(type: number, bytes: number): number {
    const start = this.#start[type] as number;
    return start >= 0 && (this.#length[type] as number) >= bytes ? start : -1;
  }

  /** The numbers that attributes hold, big-endian; -1 where there is none of that size. */
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

  /** Past 2^53 it is the nearest double. */
  uint64(type: number): number {
    const at = this.offset(type, 8);
    return at < 0 ? -1 : this.#view.getUint32(at) * 0x1_0000_0000 + this.#view.getUint32(at + 4);
  }
}
