import type { CleanText } from '../format/sanitize.ts';
import type { AddressPort, Connection, Endpoint } from '../model/connection.ts';
import type { NameResolver, ServiceRef } from '../names/name-resolver.ts';
import type { TupleInterner } from './tuple-interner.ts';

/** Who takes part in a connection, and what NAT changed: all that depends on its first and last pair, and on names. */
export interface ConnectionEndpoints {
  readonly source: Endpoint;
  readonly destination: Endpoint;
  readonly service: Connection['service'];
  readonly snat: AddressPort | undefined;
  /** Why something is missing. */
  readonly incomplete?: CleanText;
}

/**
 * `first` is the pair that the source sent by, `last` the one by which the destination got it. The connection began at some
 * time between `from` and `to`: an address may have been another's before or after.
 */
export function resolveEndpoints(
  pairs: TupleInterner,
  first: number,
  last: number,
  from: number,
  to: number,
  names: NameResolver,
): ConnectionEndpoints {
  const source = endpointAt(pairs, pairs.source(first), from, to, names);
  const destination = endpointAt(pairs, pairs.destination(last), from, to, names);
  if (first === last) {
    return {
      source,
      destination: serviceEndpoint(pairs, last, destination, from, to, names) ?? destination,
      service: undefined,
      snat: undefined,
    };
  }
  const asked = pairs.forward(first);
  const got = pairs.forward(last);
  const readdressed = differ(asked.destination, got.destination);
  return {
    source,
    destination: readdressed
      ? destination
      : (serviceEndpoint(pairs, last, destination, from, to, names) ?? destination),
    service: readdressed ? { ...asked.destination, ...serviceAt(pairs, first, from, to, names) } : undefined,
    snat: differ(asked.source, got.source) ? got.source : undefined,
  };
}

function endpointAt(pairs: TupleInterner, address: number, from: number, to: number, names: NameResolver): Endpoint {
  const known = names.endpoint(pairs.addresses.text(address), to, from);
  // Of an address that is the same everywhere, the names of a cluster cannot tell whose it is.
  if (known === undefined || (known.name === undefined && pairs.addresses.isNodeLocal(address)))
    return pairs.addresses.unnamed(address);
  return known;
}

function serviceAt(
  pairs: TupleInterner,
  pair: number,
  from: number,
  to: number,
  names: NameResolver,
): ServiceRef | undefined {
  if (!pairs.hasPorts(pair)) return undefined;
  const address = pairs.addresses.text(pairs.destination(pair));
  return names.service(address, pairs.secondPort(pair), pairs.protocol(pair), to, from);
}

/** The service that was asked and that no backend answered for, if the destination is one. */
function serviceEndpoint(
  pairs: TupleInterner,
  pair: number,
  known: Endpoint,
  from: number,
  to: number,
  names: NameResolver,
): Endpoint | undefined {
  const ref = serviceAt(pairs, pair, from, to, names);
  if (ref === undefined) return undefined;
  if (known.kind === 'service' && known.name === ref.name && known.namespace === ref.namespace) return known;
  return pairs.addresses.service(pairs.destination(pair), ref);
}

function differ(a: AddressPort, b: AddressPort): boolean {
  return a.address !== b.address || a.port !== b.port;
}

/** Whether an end may be one of several. */
export function isUncertain({ source, destination }: Pick<ConnectionEndpoints, 'source' | 'destination'>): boolean {
  return source.candidates !== undefined || destination.candidates !== undefined;
}

/** Whether two findings show the same. */
export function equalEndpoints(a: ConnectionEndpoints, b: ConnectionEndpoints): boolean {
  return (
    a.source === b.source &&
    a.destination === b.destination &&
    equalEndpoint(a.snat, b.snat) &&
    equalEndpoint(a.service, b.service) &&
    a.incomplete === b.incomplete &&
    a.service?.name === b.service?.name &&
    a.service?.namespace === b.service?.namespace
  );
}

function equalEndpoint(a: AddressPort | undefined, b: AddressPort | undefined): boolean {
  return a?.address === b?.address && a?.port === b?.port;
}

/** The node that an endpoint is on or is. */
export function nodeOfEndpoint(endpoint: Endpoint): CleanText | undefined {
  return endpoint.kind === 'node' ? endpoint.name : endpoint.node;
}
