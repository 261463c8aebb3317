import type { FlowRow, NamedParty } from './cli.ts';

/** What is to be seen of a connection: who takes part, what NAT did, and which nodes it passed, in order. */
export interface Sight {
  readonly protocol: string;
  readonly replied: boolean;
  readonly source: NamedParty;
  readonly destination: NamedParty;
  readonly service?: NamedParty;
  /** The address that the destination sees, where it is not the source's. */
  readonly snat?: string;
  readonly observedBy: readonly string[];
}

/** As `-o json` has it: the nodes by name, not on the packets' way. */
export function asListed(sight: Sight): Sight {
  return { ...sight, observedBy: sight.observedBy.toSorted() };
}

/** Of a row of `-o json`, what a `Sight` tells. */
export function sightOf({ protocol, replied, source, destination, via, observedBy }: FlowRow): Sight {
  return {
    protocol,
    replied,
    source: withoutPort(source),
    destination: withoutPort(destination),
    ...(via?.service === undefined ? {} : { service: via.service }),
    ...(via?.snat === undefined ? {} : { snat: via.snat.address }),
    observedBy,
  };
}

export function withoutPort({ port: _, ...endpoint }: NamedParty): NamedParty {
  return endpoint;
}
