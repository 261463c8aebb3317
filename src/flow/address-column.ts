import { ADDRESS_BYTES, formatAddress, formatIpv4, readIpv4 } from './address.ts';
import { growArray } from './grow-array.ts';

/** A row has four addresses. They start at cell `slot * ROW_ADDRESSES`. */
export const ROW_ADDRESSES = 4;
export const ORIGINAL_SOURCE = 0;
export const ORIGINAL_DESTINATION = 1;
export const REPLY_SOURCE = 2;
export const REPLY_DESTINATION = 3;
/** Size of the input of `write`: the four addresses of a row, 16 bytes each. */
export const ROW_ADDRESS_BYTES = ROW_ADDRESSES * ADDRESS_BYTES;

/** Number of the unspecified address (all bits 0). The cells of a row without addresses hold it too. */
const UNSPECIFIED = 0;
const WORDS = ADDRESS_BYTES / 4;

/**
 * The addresses of a table's rows. Nearly all are IPv4: a 32-bit cell holds the address itself. IPv6 addresses are stored
 * separately, once per row, and the cell holds the number of the address. So two cells of a row are equal if and only if their
 * addresses are equal.
 */
export class AddressColumn {
  /** IPv4: the address, first byte highest. IPv6: the address is in `ipv6`, at `cell * ADDRESS_BYTES`. */
  cells = new Int32Array(0);
  ipv6 = new Uint8Array(ADDRESS_BYTES);
  #words = new Int32Array(this.ipv6.buffer);
  /** Numbers from here on were never used. */
  #end = UNSPECIFIED + 1;
  /** Head of the list of free numbers: the first word of each free number holds the next one. */
  #free = UNSPECIFIED;

  grow(rows: number): void {
    this.cells = growArray(this.cells, rows * ROW_ADDRESSES);
  }

  /** Writes the addresses of a row that has none. Reads `ROW_ADDRESS_BYTES` from `bytes`. */
  write(slot: number, family: number, bytes: Uint8Array): void {
    const { cells } = this;
    const first = slot * ROW_ADDRESSES;
    for (let end = 0; end < ROW_ADDRESSES; end++) {
      cells[first + end] = family === 4 ? readIpv4(bytes, end * ADDRESS_BYTES) : this.#number(bytes, end, first);
    }
  }

  /** Removes the addresses of a row. */
  clear(slot: number, family: number): void {
    const { cells } = this;
    const first = slot * ROW_ADDRESSES;
    for (let cell = first; cell < first + ROW_ADDRESSES; cell++) {
      const number = cells[cell] as number;
      cells[cell] = UNSPECIFIED;
      if (family === 4 || number === UNSPECIFIED) continue;
      for (let other = cell + 1; other < first + ROW_ADDRESSES; other++)
        if (cells[other] === number) cells[other] = UNSPECIFIED;
      this.#words[number * WORDS] = this.#free;
      this.#free = number;
    }
  }

  /** Returns the canonical text of the address in a cell. */
  format(family: number, cell: number): string {
    const address = this.cells[cell] as number;
    return family === 4 ? formatIpv4(address) : formatAddress(6, this.ipv6, address * ADDRESS_BYTES);
  }

  /**
   * Returns the number of a row's address. An earlier cell of the row with the same address shares its number; otherwise it is a
   * new one.
   */
  #number(bytes: Uint8Array, end: number, first: number): number {
    const at = end * ADDRESS_BYTES;
    for (let before = end - 1; before >= 0; before--)
      if (isSame(bytes, at, bytes, before * ADDRESS_BYTES)) return this.cells[first + before] as number;
    if (isSame(bytes, at, this.ipv6, UNSPECIFIED)) return UNSPECIFIED;
    const number = this.#take();
    this.ipv6.set(bytes.subarray(at, at + ADDRESS_BYTES), number * ADDRESS_BYTES);
    return number;
  }

  #take(): number {
    const number = this.#free;
    if (number !== UNSPECIFIED) {
      this.#free = this.#words[number * WORDS] as number;
      return number;
    }
    if (this.#end * ADDRESS_BYTES === this.ipv6.length) {
      this.ipv6 = growArray(this.ipv6, Math.max(64, Math.ceil(this.#end * 1.5)) * ADDRESS_BYTES);
      this.#words = new Int32Array(this.ipv6.buffer);
    }
    return this.#end++;
  }
}

function isSame(a: Uint8Array, atA: number, b: Uint8Array, atB: number): boolean {
  for (let i = 0; i < ADDRESS_BYTES; i++) if (a[atA + i] !== b[atB + i]) return false;
  return true;
}
