import { hostname, networkInterfaces } from 'node:os';
import { filter, map, timer } from 'rxjs';
import { ADDRESS_BYTES, formatAddress, parseAddress } from '../../flow/address.ts';
import { type CleanText, cleanText } from '../format/sanitize.ts';
import type { Endpoint } from '../model/connection.ts';
import type { NameProvider } from './combine-resolvers.ts';

export interface LocalNamesOptions {
  readonly hostName?: string;
  /** The addresses of this machine's interfaces, in any spelling. */
  readonly addresses?: () => readonly string[];
  readonly recheckMs?: number;
}

/** Interfaces come and go: a VPN, a container's bridge. */
const RECHECK_MS = 5_000;

/** Names this machine: the addresses of its interfaces, and loopback, are a node with the host's name; others are outside. */
export function localNames(options: LocalNamesOptions = {}): NameProvider {
  const { addresses = interfaceAddresses, recheckMs = RECHECK_MS } = options;
  const hostName = cleanText(options.hostName ?? hostname());
  let own = new Map<string, Endpoint>();
  const read = (): boolean => {
    const found = new Set(addresses().flatMap((text) => canonical(text) ?? []));
    if (found.size === own.size && [...found].every((address) => own.has(address))) return false;
    own = new Map([...found].map((address) => [address, own.get(address) ?? node(address, hostName)]));
    return true;
  };
  read();
  // All of 127.0.0.0/8 is this machine; few of these addresses are used.
  const loopback = new Map<string, Endpoint>();
  return {
    endpoint(address) {
      const endpoint = own.get(address);
      if (endpoint !== undefined || !isLoopback(address)) return endpoint;
      let known = loopback.get(address);
      if (known === undefined) {
        if (loopback.size >= 1024) loopback.clear();
        known = node(address, hostName);
        loopback.set(address, known);
      }
      return known;
    },
    service: () => undefined,
    changed$: timer(recheckMs, recheckMs).pipe(
      filter(read),
      map(() => undefined),
    ),
    notices: [],
    unknownIsExternal: true,
  };
}

function node(address: string, name: CleanText): Endpoint {
  return { address, kind: 'node', name };
}

function isLoopback(address: string): boolean {
  return address.startsWith('127.') || address === '::1';
}

function interfaceAddresses(): string[] {
  return Object.values(networkInterfaces()).flatMap((all) => (all ?? []).map((one) => one.address));
}

/** As `Endpoint.address` has it. */
function canonical(text: string): string | undefined {
  const bytes = new Uint8Array(ADDRESS_BYTES);
  const family = parseAddress(text.replace(/%.*$/, ''), bytes, 0);
  return family === undefined ? undefined : formatAddress(family, bytes, 0);
}
