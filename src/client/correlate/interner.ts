import { growArray } from '../../flow/columns.ts';
import { SlotIndex } from '../../flow/slot-index.ts';

/** Different in every process, so that nobody who chooses ports and addresses can fill one bucket with them. */
const SEED = Math.floor(Math.random() * 0x1_0000_0000) | 0;

/**
 * Gives every distinct key of two 32-bit halves a small number, and takes it back when nobody holds it any more. The
 * index is exact: `mix` maps one to one, so that two keys never share a number.
 */
export class Interner {
  /** Numbers at or above this one have never been given. */
  end = 0;
  /** Halves are signed, as `SlotIndex` wants them. */
  first = new Int32Array(64);
  second = new Int32Array(64);
  refs = new Uint32Array(64);
  #index = new SlotIndex();
  #free: number[] = [];

  /** Makes room for so many at once. */
  reserve(count: number): void {
    if (count <= this.refs.length) return;
    const length = Math.max(count, this.refs.length * 2);
    this.#index.reserve(length);
    this.#grow(length);
  }

  /** The key's number, held once more. `refs[id] === 1` afterwards: it is new. */
  acquire(first: number, second: number): number {
    const low = mix(first ^ mix(second ^ SEED));
    const known = this.#index.find(low, second);
    if (known >= 0) {
      this.refs[known] = (this.refs[known] as number) + 1;
      return known;
    }
    const id = this.#free.pop() ?? this.end++;
    if (id >= this.refs.length) this.#grow(this.refs.length * 2);
    this.first[id] = first;
    this.second[id] = second;
    this.refs[id] = 1;
    this.#index.add(id, low, second);
    return id;
  }

  /** Holds a number once more that is held already. */
  retain(id: number): void {
    this.refs[id] = (this.refs[id] as number) + 1;
  }

  /** True when that was the last hold: the number may be given to another key. */
  release(id: number): boolean {
    const left = (this.refs[id] as number) - 1;
    this.refs[id] = left;
    if (left > 0) return false;
    this.#index.remove(id);
    this.#free.push(id);
    return true;
  }

  #grow(length: number): void {
    this.first = growArray(this.first, length);
    this.second = growArray(this.second, length);
    this.refs = growArray(this.refs, length);
  }

  get size(): number {
    return this.#index.size;
  }
}

/** A one-to-one mapping of 32 bits that spreads neighbours. */
function mix(value: number): number {
  let x = value;
  x = Math.imul(x ^ (x >>> 16), 0x21f0aaad);
  x = Math.imul(x ^ (x >>> 15), 0xd35a2d97);
  return x ^ (x >>> 15);
}
