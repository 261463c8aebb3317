import { type ConnectionEndpoints, nodeOfEndpoint } from './endpoints.ts';
import type { EntryGraph } from './entry-graph.ts';
import type { PastHops } from './past-hops.ts';
import type { TableCursor } from './table-cursor.ts';

type Agents = readonly (TableCursor | undefined)[];

/**
 * Sorts the observers at each position of a path, in the order of the path as far as names show it: the source's
 * node first, the destination's last; otherwise by node and agent, so that the order is stable.
 */
export function sortObservers(
  path: number[],
  positions: readonly number[],
  endpoints: ConnectionEndpoints,
  entries: EntryGraph,
  agents: Agents,
): void {
  const first = nodeOfEndpoint(endpoints.source);
  const last = nodeOfEndpoint(endpoints.destination);
  const rank = ({ node }: TableCursor) => (node === first ? 0 : node === last ? 2 : 1);
  for (const [index, from] of positions.entries()) {
    const to = positions[index + 1] ?? path.length;
    if (to - from < 2) continue;
    const observers = path.slice(from, to).sort((a, b) => {
      const one = agentOfEntry(a, entries, agents);
      const other = agentOfEntry(b, entries, agents);
      return (
        rank(one) - rank(other) ||
        compare(one.node, other.node) ||
        compare(one.key, other.key) ||
        (entries.zone[a] as number) - (entries.zone[b] as number)
      );
    });
    for (const [offset, entry] of observers.entries()) path[from + offset] = entry;
  }
}

/**
 * Compares entries that cannot both be of one connection: current before past, live before stale, new before old, then by agent
 * and flow.
 */
export function compareFreshness(
  a: number,
  b: number,
  entries: EntryGraph,
  agents: Agents,
  pastHops: PastHops,
): number {
  const pastFirst = Number(entries.isPast(a)) - Number(entries.isPast(b));
  if (pastFirst !== 0) return pastFirst;
  if (entries.isPast(a)) return compare(pastHops.text(a), pastHops.text(b));
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
