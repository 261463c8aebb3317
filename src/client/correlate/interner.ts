import { growArray } from '../../flow/grow-array.ts';
import { SlotIndex } from '../../flow/slot-index.ts';

/** Random per process, so that chosen ports and addresses cannot all fall into one bucket. */
const SEED = Math.floor(Math.random() * 0x1_0000_0000) | 0;

/**
 * Gives every distinct key of two 32-bit parts a small number, reference-counted. The
 * index is exact: `mix` maps one to one, so that two keys never share a number.
 */
export class Interner {
  /** Numbers at or above this one have never been used. */
  end = 0;
  /** The parts are signed, as `SlotIndex` needs them. */
  first = new Int32Array(64);
  second = new Int32Array(64);
  refs = new Uint32Array(64);
  #index = new SlotIndex();
  #free: number[] = [];

  /** Reserves memory for this many. */
  reserve(count: number): void {
    if (count <= this.refs.length) return;
    const length = Math.max(count, this.refs.length * 2);
    this.#index.reserve(length);
    this.#grow(length);
  }

  /** The key's number; increments its reference count. `refs[id] === 1` afterwards: it is new. */
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

  /** Increments the reference count of a number in use. */
  retain(id: number): void {
    this.refs[id] = (this.refs[id] as number) + 1;
  }

  /** True if that was the last reference: the number may be used for another key. */
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

/** A bijection of 32 bits that spreads neighbours. */
function mix(value: number): number {
  let x = value;
  x = Math.imul(x ^ (x >>> 16), 0x21f0aaad);
  x = Math.imul(x ^ (x >>> 15), 0xd35a2d97);
  return x ^ (x >>> 15);
}
