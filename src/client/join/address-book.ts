import { formatAddress } from '../../flow/address.ts';
import type { Party } from '../model.ts';
import type { ServiceRef } from '../names/names.ts';
import { Interner } from './interner.ts';

/** In the second half of an address's key: IPv4. An IPv6 prefix has its number there, from 0 up. */
const IPV4 = -1;

/** The distinct addresses that are in use, each formatted once. */
export class AddressBook {
  #addresses = new Interner();
  /** IPv6 prefixes and interface ids: 64 bits each. */
  #halves = new Interner();
  #texts: string[] = [];
  #unnamed: (Party | undefined)[] = [];
  #services: (Party[] | undefined)[] = [];

  get size(): number {
    return this.#addresses.size;
  }

  /** The number of the address at `at`, held once more. */
  acquire(family: number, bytes: Uint8Array, at: number): number {
    const id = family === 4 ? this.#addresses.acquire(word(bytes, at), IPV4) : this.#acquireIpv6(bytes, at);
    if (this.#addresses.refs[id] === 1) {
      this.#texts[id] = formatAddress(family, bytes, at);
      this.#unnamed[id] = undefined;
      this.#services[id] = undefined;
    }
    return id;
  }

  #acquireIpv6(bytes: Uint8Array, at: number): number {
    const prefix = this.#halves.acquire(word(bytes, at), word(bytes, at + 4));
    const host = this.#halves.acquire(word(bytes, at + 8), word(bytes, at + 12));
    const id = this.#addresses.acquire(host, prefix);
    // Each address holds its halves once, not once for every holder.
    if (this.#addresses.refs[id] !== 1) {
      this.#halves.release(prefix);
      this.#halves.release(host);
    }
    return id;
  }

  release(id: number): void {
    if (!this.#addresses.release(id)) return;
    const prefix = this.#addresses.second[id] as number;
    if (prefix !== IPV4) {
      this.#halves.release(prefix);
      this.#halves.release(this.#addresses.first[id] as number);
    }
    this.#texts[id] = '';
    this.#unnamed[id] = undefined;
    this.#services[id] = undefined;
  }

  text(id: number): string {
    return this.#texts[id] as string;
  }

  /** For an address that no source of names knows. The same object while the address is in use. */
  unnamed(id: number): Party {
    let party = this.#unnamed[id];
    if (party === undefined) {
      party = { address: this.text(id) };
      this.#unnamed[id] = party;
    }
    return party;
  }

  /** The service itself as a party. The same object while the address is in use. */
  service(id: number, ref: ServiceRef): Party {
    let parties = this.#services[id];
    if (parties === undefined) {
      parties = [];
      this.#services[id] = parties;
    }
    let party = parties.find((known) => known.name === ref.name && known.namespace === ref.namespace);
    if (party === undefined) {
      party = { address: this.text(id), kind: 'service', namespace: ref.namespace, name: ref.name };
      parties.push(party);
    }
    return party;
  }
}

function word(bytes: Uint8Array, at: number): number {
  return (
    ((bytes[at] as number) << 24) |
    ((bytes[at + 1] as number) << 16) |
    ((bytes[at + 2] as number) << 8) |
    (bytes[at + 3] as number)
  );
}
