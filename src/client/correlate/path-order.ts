import type { TableCursor } from './agent-input.ts';
import { type ConnectionEndpoints, nodeOfEndpoint } from './endpoints.ts';
import type { EntryGraph } from './entry-graph.ts';
import type { KeptOrigins } from './kept-origins.ts';

type Agents = readonly (TableCursor | undefined)[];

/**
 * Sorts those that saw the same, at each place of a way, into the order of the way as far as names tell: the source's
 * node first, the destination's last; else by node and agent, so that the order does not change by itself.
 */
export function sortObservers(
  path: number[],
  places: readonly number[],
  endpoints: ConnectionEndpoints,
  entries: EntryGraph,
  agents: Agents,
): void {
  const first = nodeOfEndpoint(endpoints.source);
  const last = nodeOfEndpoint(endpoints.destination);
  const rank = ({ node }: TableCursor) => (node === first ? 0 : node === last ? 2 : 1);
  for (const [index, from] of places.entries()) {
    const to = places[index + 1] ?? path.length;
    if (to - from < 2) continue;
    const witnesses = path.slice(from, to).sort((a, b) => {
      const one = agentOfEntry(a, entries, agents);
      const other = agentOfEntry(b, entries, agents);
      return (
        rank(one) - rank(other) ||
        compare(one.node, other.node) ||
        compare(one.key, other.key) ||
        (entries.zone[a] as number) - (entries.zone[b] as number)
      );
    });
    for (const [offset, entry] of witnesses.entries()) path[from + offset] = entry;
  }
}

/**
 * Of two entries that cannot both be of a connection: seen before kept, fresh before stale, new before old, else by agent
 * and flow.
 */
export function compareFreshness(a: number, b: number, entries: EntryGraph, agents: Agents, kept: KeptOrigins): number {
  const isKept = Number(entries.isKept(a)) - Number(entries.isKept(b));
  if (isKept !== 0) return isKept;
  if (entries.isKept(a)) return compare(kept.text(a), kept.text(b));
  const one = agentOfEntry(a, entries, agents);
  const other = agentOfEntry(b, entries, agents);
  return (
    Number(one.stale) - Number(other.stale) ||
    firstSeenAt(b, entries, agents) - firstSeenAt(a, entries, agents) ||
    compare(one.key, other.key) ||
    (entries.flow[a] as number) - (entries.flow[b] as number)
  );
}

/** When its agent first saw the entry, in unix milliseconds. */
export function firstSeenAt(entry: number, entries: EntryGraph, agents: Agents): number {
  return agentOfEntry(entry, entries, agents).columns.firstSeenAt[entries.slot[entry] as number] as number;
}

function agentOfEntry(entry: number, entries: EntryGraph, agents: Agents): TableCursor {
  return agents[entries.agent[entry] as number] as TableCursor;
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
