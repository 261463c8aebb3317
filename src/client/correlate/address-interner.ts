import { ADDRESS_BYTES, readIpv4 } from '../../flow/address.ts';
import type { AddressColumn } from '../../flow/address-column.ts';
import type { CleanText } from '../format/sanitize.ts';
import type { Endpoint } from '../model/connection.ts';
import type { ServiceRef } from '../names/name-resolver.ts';
import { Interner } from './interner.ts';

/**
 * The second half of an address's key: IPv4, and below that IPv4 within one node. An IPv6 prefix has its number
 * there, from 0 up.
 */
const IPV4 = -1;
/** Replaces an IPv6 prefix's first half: a node's number follows. No packet has such an address. */
const OWN_PREFIX = -1;

/**
 * The distinct addresses in use, each formatted once. An address with a meaning on its own node only, such as
 * 127.0.0.1, is a separate one on every node.
 */
export class AddressInterner {
  #addresses = new Interner();
  /** IPv6 prefixes and interface ids: 64 bits each. */
  #parts = new Interner();
  #texts: string[] = [];
  #unnamed: (Endpoint | undefined)[] = [];
  #services: (Endpoint[] | undefined)[] = [];
  #clients: (Endpoint | undefined)[] = [];
  /** The node of an address within a node. */
  #node: (CleanText | undefined)[] = [];
  readonly #scopes = new Map<string, number>();

  get size(): number {
    return this.#addresses.size;
  }

  /** The number of the address in a cell, as `node` saw it; increments its reference count. */
  acquire(family: number, addresses: AddressColumn, cell: number, node: CleanText): number {
    const address = addresses.cells[cell] as number;
    const { ipv6 } = addresses;
    const isOwn = family === 4 ? isNodeLocal4(address) : isNodeLocal6(ipv6, address * ADDRESS_BYTES);
    const scope = isOwn ? this.#scope(node) : 0;
    const id =
      family === 4
        ? this.#addresses.acquire(address, IPV4 - scope)
        : this.#acquireIpv6(ipv6, address * ADDRESS_BYTES, isOwn ? scope : undefined);
    if (this.#addresses.refs[id] === 1) {
      this.#texts[id] = addresses.format(family, cell);
      this.#unnamed[id] = undefined;
      this.#services[id] = undefined;
      this.#clients[id] = undefined;
      this.#node[id] = isOwn ? node : undefined;
    }
    return id;
  }

  #scope(node: string): number {
    let scope = this.#scopes.get(node);
    if (scope === undefined) {
      scope = this.#scopes.size + 1;
      this.#scopes.set(node, scope);
    }
    return scope;
  }

  #acquireIpv6(bytes: Uint8Array, at: number, scope: number | undefined): number {
    const prefix =
      scope === undefined
        ? this.#parts.acquire(readIpv4(bytes, at), readIpv4(bytes, at + 4))
        : this.#parts.acquire(OWN_PREFIX, scope);
    const host = this.#parts.acquire(readIpv4(bytes, at + 8), readIpv4(bytes, at + 12));
    const id = this.#addresses.acquire(host, prefix);
    // Each address references its parts once, not once for each of its own references.
    if (this.#addresses.refs[id] !== 1) {
      this.#parts.release(prefix);
      this.#parts.release(host);
    }
    return id;
  }

  release(id: number): void {
    if (!this.#addresses.release(id)) return;
    const prefix = this.#addresses.second[id] as number;
    if (prefix >= 0) {
      this.#parts.release(prefix);
      this.#parts.release(this.#addresses.first[id] as number);
    }
    this.#texts[id] = '';
    this.#unnamed[id] = undefined;
    this.#services[id] = undefined;
    this.#clients[id] = undefined;
  }

  /** It only has a meaning on its own node. */
  isNodeLocal(id: number): boolean {
    return this.#node[id] !== undefined;
  }

  text(id: number): string {
    return this.#texts[id] as string;
  }

  /**
   * The endpoint of an address that no provider of names knows; for a node's loopback, the node itself. The same object while the address
   * is in use.
   */
  unnamed(id: number): Endpoint {
    let endpoint = this.#unnamed[id];
    if (endpoint === undefined) {
      const address = this.text(id);
      const node = this.#node[id];
      endpoint = node !== undefined && isLoopback(address) ? { address, kind: 'node', name: node } : { address };
      this.#unnamed[id] = endpoint;
    }
    return endpoint;
  }

  /** The endpoint of an unknown client behind a node's address. The same object while the address is in use. */
  clientBehind(id: number, node: CleanText): Endpoint {
    let endpoint = this.#clients[id];
    if (endpoint?.node !== node) {
      endpoint = { address: this.text(id), node };
      this.#clients[id] = endpoint;
    }
    return endpoint;
  }

  /** The Service itself as an endpoint. The same object while the address is in use. */
  service(id: number, ref: ServiceRef): Endpoint {
    let endpoints = this.#services[id];
    if (endpoints === undefined) {
      endpoints = [];
      this.#services[id] = endpoints;
    }
    let endpoint = endpoints.find((known) => known.name === ref.name && known.namespace === ref.namespace);
    if (endpoint === undefined) {
      endpoint = { address: this.text(id), kind: 'service', namespace: ref.namespace, name: ref.name };
      endpoints.push(endpoint);
    }
    return endpoint;
  }
}

function isLoopback(address: string): boolean {
  return address === '::1' || address.startsWith('127.');
}

/** Loopback, link-local (the same address on many nodes), unspecified. */
function isNodeLocal4(address: number): boolean {
  const first = address >>> 24;
  return first === 127 || first === 0 || address >>> 16 === 0xa9fe;
}

/** Loopback and unspecified. Link-local addresses of two nodes can talk to each other. */
function isNodeLocal6(bytes: Uint8Array, at: number): boolean {
  return (
    readIpv4(bytes, at) === 0 &&
    readIpv4(bytes, at + 4) === 0 &&
    readIpv4(bytes, at + 8) === 0 &&
    readIpv4(bytes, at + 12) >>> 1 === 0
  );
}
