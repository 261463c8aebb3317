import type { CleanText } from '../format/sanitize.ts';
import type { AddressPort, Connection, Endpoint } from '../model/connection.ts';
import type { NameResolver, ServiceRef } from '../names/name-resolver.ts';
import type { TupleInterner } from './tuple-interner.ts';

/** The endpoints of a connection and its NAT: everything that depends on its first and last pair, and on names. */
export interface ConnectionEndpoints {
  readonly source: Endpoint;
  readonly destination: Endpoint;
  readonly service: Connection['service'];
  readonly snat: AddressPort | undefined;
  /** Why a hop is missing. */
  readonly incomplete?: CleanText;
}

/**
 * `first` is the pair with which the source sends, `last` the one with which the destination receives. The connection began at some
 * time between `from` and `to`: before or after, an address may have had another owner.
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
  // The cluster's names do not apply to an address that exists on every node.
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

/** The requested Service, if no backend is known. */
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

/** Whether an endpoint has several candidates. */
export function isUncertain({ source, destination }: Pick<ConnectionEndpoints, 'source' | 'destination'>): boolean {
  return source.candidates !== undefined || destination.candidates !== undefined;
}

/** Whether two results are equal. */
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
