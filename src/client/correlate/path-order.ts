import type { JoinedAgent } from './agent-input.ts';
import { nodeOf, type Parties } from './endpoints.ts';
import type { Entries } from './entry-graph.ts';
import type { KeptEntries } from './kept-origins.ts';

type Agents = readonly (JoinedAgent | undefined)[];

/**
 * Sorts those that saw the same, at each place of a way, into the order of the way as far as names tell: the source's
 * node first, the destination's last; else by node and agent, so that the order does not change by itself.
 */
export function sortWitnesses(
  way: number[],
  places: readonly number[],
  parties: Parties,
  entries: Entries,
  agents: Agents,
): void {
  const first = nodeOf(parties.source);
  const last = nodeOf(parties.destination);
  const rank = ({ node }: JoinedAgent) => (node === first ? 0 : node === last ? 2 : 1);
  for (const [index, from] of places.entries()) {
    const to = places[index + 1] ?? way.length;
    if (to - from < 2) continue;
    const witnesses = way.slice(from, to).sort((a, b) => {
      const one = agentOf(a, entries, agents);
      const other = agentOf(b, entries, agents);
      return (
        rank(one) - rank(other) ||
        compare(one.node, other.node) ||
        compare(one.key, other.key) ||
        (entries.zone[a] as number) - (entries.zone[b] as number)
      );
    });
    for (const [offset, entry] of witnesses.entries()) way[from + offset] = entry;
  }
}

/**
 * Of two entries that cannot both be of a connection: seen before kept, fresh before stale, new before old, else by agent
 * and flow.
 */
export function compareWorth(a: number, b: number, entries: Entries, agents: Agents, kept: KeptEntries): number {
  const isKept = Number(entries.isKept(a)) - Number(entries.isKept(b));
  if (isKept !== 0) return isKept;
  if (entries.isKept(a)) return compare(kept.text(a), kept.text(b));
  const one = agentOf(a, entries, agents);
  const other = agentOf(b, entries, agents);
  return (
    Number(one.stale) - Number(other.stale) ||
    seenAt(b, entries, agents) - seenAt(a, entries, agents) ||
    compare(one.key, other.key) ||
    (entries.flow[a] as number) - (entries.flow[b] as number)
  );
}

/** When its agent first saw the entry, in unix milliseconds. */
export function seenAt(entry: number, entries: Entries, agents: Agents): number {
  return agentOf(entry, entries, agents).columns.firstSeenAt[entries.slot[entry] as number] as number;
}

function agentOf(entry: number, entries: Entries, agents: Agents): JoinedAgent {
  return agents[entries.agent[entry] as number] as JoinedAgent;
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
