import { nodeOf, type Parties } from './parties.ts';

/** Two agents that saw the same at one place are told apart by this. */
export interface Witness {
  readonly entry: number;
  readonly node: string;
  readonly agent: string;
}

/**
 * Sorts those that saw the same pair into the order of the way, as far as names tell: the source's node first, the
 * destination's last; else by node and agent, so that the order does not change by itself.
 */
export function sortWitnesses(witnesses: Witness[], parties: Parties): void {
  const first = nodeOf(parties.source);
  const last = nodeOf(parties.destination);
  const rank = (node: string) => (node === first ? 0 : node === last ? 2 : 1);
  witnesses.sort((a, b) => rank(a.node) - rank(b.node) || compare(a.node, b.node) || compare(a.agent, b.agent));
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
