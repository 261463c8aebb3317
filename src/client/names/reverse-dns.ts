import dns from 'node:dns';
import { Resolver } from 'node:dns/promises';
import { isIP } from 'node:net';
import { merge, type Observable, Subject } from 'rxjs';
import { type CleanText, cleanText } from '../format/sanitize.ts';
import type { Endpoint } from '../model/connection.ts';
import type { NameProvider } from './combine-resolvers.ts';

/** Looks up an address: its names, best first. Rejects if it has none, or on a timeout. */
export type ReverseLookup = (address: string) => Promise<readonly string[]>;

export interface ReverseDnsOptions {
  readonly reverse?: ReverseLookup;
  /** The clock, in milliseconds. */
  readonly now?: () => number;
}

const MAX_CONCURRENT = 8;
/** How many addresses may wait for a look-up; more are dropped, and requested again with the next screen. */
const MAX_WAITING = 256;
const MAX_KNOWN = 10_000;
const KEEP_NAME_MS = 60 * 60_000;
const KEEP_FAILURE_MS = 5 * 60_000;
const LOOKUP_TIMEOUT_MS = 2_000;

/** DNS names of external addresses. Answers come from memory; an unknown address is looked up in the background. */
export class ReverseDns {
  readonly changed$: Observable<void>;
  readonly #changes = new Subject<void>();
  readonly #reverse: ReverseLookup;
  readonly #now: () => number;
  readonly #known = new Map<string, { readonly name: CleanText | undefined; readonly until: number }>();
  readonly #waiting = new Set<string>();
  readonly #asked = new Set<string>();
  #on = false;

  constructor(options: ReverseDnsOptions = {}) {
    this.#reverse = options.reverse ?? systemReverse();
    this.#now = options.now ?? Date.now;
    this.changed$ = this.#changes.asObservable();
  }

  /** While it is off, it sends no queries and does not use known names. */
  get on(): boolean {
    return this.#on;
  }

  set on(on: boolean) {
    if (on === this.#on) return;
    this.#on = on;
    this.#waiting.clear();
    this.#changes.next();
  }

  /** Names are being looked up. Ends with a `changed$`. */
  get pending(): boolean {
    return this.#on && this.#asked.size + this.#waiting.size > 0;
  }

  /** The name, if it is known already. */
  name(address: string): CleanText | undefined {
    if (!this.#on) return undefined;
    const known = this.#known.get(address);
    // The old name stays in use while it is looked up again.
    if (known === undefined || known.until <= this.#now()) this.#want(address);
    return known?.name;
  }

  #want(address: string): void {
    if (this.#asked.has(address) || this.#waiting.has(address) || this.#waiting.size >= MAX_WAITING) return;
    this.#waiting.add(address);
    this.#askNext();
  }

  #askNext(): void {
    for (const address of this.#waiting) {
      if (this.#asked.size >= MAX_CONCURRENT) return;
      this.#waiting.delete(address);
      this.#asked.add(address);
      void this.#ask(address);
    }
  }

  async #ask(address: string): Promise<void> {
    let name: CleanText | undefined;
    try {
      const found = (await this.#reverse(address)).find(isHostName)?.replace(/\.$/, '');
      name = found === undefined ? undefined : cleanText(found);
    } catch {
      // Without a name and without a reply are the same for the user.
    }
    const before = this.#known.get(address)?.name;
    // Moved to the end, so that the first one in the map is the oldest look-up.
    this.#known.delete(address);
    this.#known.set(address, { name, until: this.#now() + (name === undefined ? KEEP_FAILURE_MS : KEEP_NAME_MS) });
    if (this.#known.size > MAX_KNOWN) this.#known.delete(this.#known.keys().next().value ?? '');
    this.#asked.delete(address);
    this.#askNext();
    if (this.#on && (name !== before || !this.pending)) this.#changes.next();
  }
}

/** Adds DNS names to the addresses that `names` only knows as external, or does not know. */
export function withReverseDns(names: NameProvider, dns: ReverseDns): Required<NameProvider> {
  const endpoints = new Map<string, Endpoint>();
  return {
    endpoint(address, at, since) {
      const endpoint = names.endpoint(address, at, since);
      if (!dns.on || (endpoint !== undefined && !isOutside(endpoint))) return endpoint;
      if (endpoint?.kind === undefined && !isLookedUp(address)) return endpoint;
      const name = dns.name(address);
      if (name === undefined) return endpoint;
      const known = endpoints.get(address);
      if (known?.name === name && known.kind === endpoint?.kind) return known;
      const named: Endpoint = { address, ...endpoint, name };
      endpoints.delete(address);
      endpoints.set(address, named);
      if (endpoints.size > MAX_KNOWN) endpoints.delete(endpoints.keys().next().value ?? '');
      return named;
    },
    service: (address, port, protocol, at, since) => names.service(address, port, protocol, at, since),
    owners: (address) => names.owners?.(address),
    changed$: merge(names.changed$, dns.changed$),
    get pending() {
      return names.pending === true || dns.pending;
    },
    get servicesWithoutEndpoints() {
      return names.servicesWithoutEndpoints ?? [];
    },
    get localGaps() {
      return names.localGaps ?? [];
    },
    get unknownIsExternal() {
      return names.unknownIsExternal === true;
    },
    get notices() {
      return names.notices;
    },
  };
}

/** It has no name, and does not belong to the cluster or this machine. */
function isOutside({ kind, name, node, candidates }: Endpoint): boolean {
  return name === undefined && (kind === 'external' || (kind === undefined && node === undefined && !candidates));
}

/** Uses a resolver of its own with a short timeout, not the thread pool that file I/O shares. */
function systemReverse(): ReverseLookup {
  const resolver = new Resolver({ timeout: LOOKUP_TIMEOUT_MS, tries: 1 });
  // Use this process's servers, which `dns.setServers` may have changed: a new resolver would use the machine's.
  resolver.setServers(dns.getServers());
  return (address) => resolver.reverse(address);
}

/** The owner of an address chooses its name, so only valid characters are accepted. */
function isHostName(name: string): boolean {
  return name.length <= 253 && /^[A-Za-z0-9_][A-Za-z0-9_.-]*$/.test(name) && isIP(name) === 0;
}

/** Addresses with only a local meaning are not looked up. */
function isLookedUp(address: string): boolean {
  return isIP(address) !== 0 && !/^(127\.|169\.254\.|0\.|2[2-5]\d\.|::1?$|fe[89ab]|ff)/i.test(address);
}
