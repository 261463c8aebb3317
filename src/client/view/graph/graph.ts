import type { Connection } from '../../model.ts';
import { Traffic } from '../data/traffic.ts';
import { type GroupingContext, pathOf } from './grouping.ts';

export interface Box {
  readonly name: string;
  readonly traffic: Traffic;
}

export interface Edge {
  /** `from` sorts before `to`: an edge is one, whoever asked. Sent is from `from` to `to`. */
  readonly from: string;
  readonly to: string;
  readonly traffic: Traffic;
}

export interface Graph {
  readonly boxes: ReadonlyMap<string, Box>;
  readonly edges: ReadonlyMap<string, Edge>;
}

export function edgeKey(a: string, b: string): string {
  return inOrder(a, b).join('\n');
}

function inOrder(a: string, b: string): readonly [string, string] {
  return a < b ? [a, b] : [b, a];
}

/** `always`: boxes that are there even without traffic (the watched nodes). */
export function buildGraph(
  connections: readonly Connection[],
  context: GroupingContext,
  always: readonly string[],
): Graph {
  const boxes = new Map<string, Box>();
  const edges = new Map<string, Edge>();
  const box = (name: string): Box => {
    let found = boxes.get(name);
    if (!found) {
      found = { name, traffic: new Traffic() };
      boxes.set(name, found);
    }
    return found;
  };
  for (const name of always) box(name);
  for (const connection of connections) {
    const path = pathOf(connection, context);
    for (let i = 0; i < path.length; i++) {
      const here = path[i] as string;
      box(here).traffic.add(connection);
      const next = path[i + 1];
      if (next === undefined) continue;
      const key = edgeKey(here, next);
      let edge = edges.get(key);
      if (!edge) {
        const [from, to] = inOrder(here, next);
        edge = { from, to, traffic: new Traffic() };
        edges.set(key, edge);
      }
      edge.traffic.add(connection, edge.from !== here);
    }
  }
  return { boxes, edges };
}

/** The name of the box that stands for those that do not fit. */
export const OTHERS = 'others';

export interface Folded extends Graph {
  /** Boxes in `others`. */
  readonly folded: number;
}

/**
 * Keeps at most `limit` boxes and folds the rest into one. `always` go first, then the heaviest; a box that was shown
 * before stays until another is half again as heavy, so that boxes do not take turns.
 */
export function foldGraph(
  graph: Graph,
  limit: number,
  always: readonly string[],
  shownBefore: ReadonlySet<string>,
): Folded {
  if (graph.boxes.size <= limit) return { ...graph, folded: 0 };
  const first = new Set(always);
  const weight = ({ name, traffic }: Box): number =>
    ((traffic.rate ?? 0) + traffic.unanswered * 1000 + traffic.connections) * (shownBefore.has(name) ? 1.5 : 1);
  const ranked = [...graph.boxes.values()].sort(
    (a, b) =>
      Number(first.has(b.name)) - Number(first.has(a.name)) ||
      weight(b) - weight(a) ||
      (a.name < b.name ? -1 : a.name > b.name ? 1 : 0),
  );
  const kept = new Set(ranked.slice(0, Math.max(1, limit - 1)).map(({ name }) => name));
  const boxes = new Map<string, Box>();
  const others = new Traffic();
  for (const box of graph.boxes.values()) {
    if (kept.has(box.name)) boxes.set(box.name, box);
    else merge(others, box.traffic, false);
  }
  boxes.set(OTHERS, { name: OTHERS, traffic: others });
  const edges = new Map<string, Edge>();
  for (const edge of graph.edges.values()) {
    const a = kept.has(edge.from) ? edge.from : OTHERS;
    const b = kept.has(edge.to) ? edge.to : OTHERS;
    if (a === b) continue;
    const key = edgeKey(a, b);
    let found = edges.get(key);
    if (!found) {
      const [from, to] = inOrder(a, b);
      found = { from, to, traffic: new Traffic() };
      edges.set(key, found);
    }
    merge(found.traffic, edge.traffic, found.from !== a);
  }
  return { boxes, edges, folded: graph.boxes.size - kept.size };
}

function merge(into: Traffic, from: Traffic, turned: boolean): void {
  into.connections += from.connections;
  into.unanswered += from.unanswered;
  into.stale += from.stale;
  const [sent, received] = turned ? [from.receivedRate, from.sentRate] : [from.sentRate, from.receivedRate];
  if (sent !== undefined) into.sentRate = (into.sentRate ?? 0) + sent;
  if (received !== undefined) into.receivedRate = (into.receivedRate ?? 0) + received;
  if (from.bytes !== undefined) into.bytes = (into.bytes ?? 0) + from.bytes;
}
