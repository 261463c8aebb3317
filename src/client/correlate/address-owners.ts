import type { AddressOwners, NameResolver } from '../names/name-resolver.ts';
import type { AddressInterner } from './address-interner.ts';

/** The nodes of an address in Kubernetes: their agents are its authority. Addresses are numbers of the interner. */
export class AddressOwnersCache {
  readonly #addresses: AddressInterner;
  /** The requested address, because its number may be reused. */
  readonly #texts: string[] = [];
  readonly #owners: (AddressOwners | undefined)[] = [];

  constructor(addresses: AddressInterner) {
    this.#addresses = addresses;
  }

  /** Undefined: Kubernetes does not know it, or it only has a meaning on its own node. */
  of(address: number, names: NameResolver): AddressOwners | undefined {
    const text = this.#addresses.text(address);
    if (this.#texts[address] === text) return this.#owners[address];
    const owners = this.#addresses.isNodeLocal(address) ? undefined : names.owners?.(text);
    this.#texts[address] = text;
    this.#owners[address] = owners;
    return owners;
  }

  /** Looks up all addresses again. Returns those whose owners have changed. */
  refresh(names: NameResolver): ReadonlySet<number> {
    const changed = new Set<number>();
    for (const [address, text] of this.#texts.entries()) {
      if (text === undefined || text === '') continue;
      const before = this.#owners[address];
      this.#texts[address] = '';
      if (text === this.#addresses.text(address) && !isSame(before, this.of(address, names))) changed.add(address);
    }
    return changed;
  }
}

function isSame(a: AddressOwners | undefined, b: AddressOwners | undefined): boolean {
  if (a === b) return true;
  if (a === undefined || b === undefined) return false;
  return a.isPod === b.isPod && a.nodes.length === b.nodes.length && a.nodes.every((node) => b.nodes.includes(node));
}
