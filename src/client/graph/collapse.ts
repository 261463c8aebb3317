import { toCells } from '../format/cells.ts';
import { OUTSIDE } from '../traffic/grouping.ts';
import { type Edge, edgeKey, edgeWeight, type Graph, newEdge, newVertex, type Vertex } from './graph.ts';

/** The name of the box for all boxes that do not fit. No name in a cluster has parentheses. */
export const OTHERS = '(others)';

export interface CollapsedGraph extends Graph {
  /** How many boxes are in `others`. */
  readonly collapsed: number;
}

/** A shown box stays until another one has this many times its traffic, so that boxes do not alternate. */
const STAY_FACTOR = 1.5;

/**
 * Keeps at most `limit` boxes including `others`, and collapses the rest into that. It keeps `first`, then the
 * heaviest; boxes that were shown before weigh more.
 */
export function collapseGraph(
  graph: Graph,
  limit: number,
  first: readonly string[],
  shownBefore: ReadonlySet<string>,
): CollapsedGraph {
  // Once there is an `others` box, it disappears only with several free places, so that it does not flicker.
  const room = shownBefore.has(OTHERS) ? limit - 1 : limit;
  if (graph.boxes.size <= Math.max(1, room)) return { boxes: graph.boxes, edges: graph.edges, collapsed: 0 };
  const kept = new Set(heaviest(graph, Math.max(1, limit - 1), first, shownBefore).map(({ name }) => name));
  const boxes = new Map<string, Vertex>();
  const others = newVertex(OTHERS, 'others');
  for (const box of graph.boxes.values()) {
    if (kept.has(box.name)) boxes.set(box.name, box);
    else others.within.merge(box.within);
  }
  boxes.set(OTHERS, others);
  const edges = new Map<string, Edge>();
  for (const edge of graph.edges.values()) {
    const from = kept.has(edge.from) ? edge.from : OTHERS;
    const to = kept.has(edge.to) ? edge.to : OTHERS;
    if (from === to) {
      // Edges between two collapsed boxes: a connection is in one of them, or in several if it passes several boxes.
      others.within.merge(edge.traffic);
      continue;
    }
    const key = edgeKey(from, to);
    let found = edges.get(key);
    if (found === undefined) {
      found = newEdge(from, to);
      edges.set(key, found);
    }
    const reversed = found.from !== from;
    found.traffic.merge(edge.traffic, reversed);
    found.initiatedByFrom += reversed ? edge.traffic.connections - edge.initiatedByFrom : edge.initiatedByFrom;
    if (from === OTHERS || to === OTHERS) others.traffic.merge(edge.traffic, to === OTHERS);
  }
  others.traffic.merge(others.within);
  return { boxes, edges, collapsed: graph.boxes.size - kept.size };
}

function heaviest(
  { boxes }: Graph,
  limit: number,
  first: readonly string[],
  shownBefore: ReadonlySet<string>,
): Vertex[] {
  const rank = new Set(first);
  const weights = new Float64Array(boxes.size);
  let at = 0;
  for (const { name, traffic } of boxes.values())
    weights[at++] = rank.has(name)
      ? Number.POSITIVE_INFINITY
      : edgeWeight(traffic) * (shownBefore.has(name) ? STAY_FACTOR : 1);
  // Few of possibly many boxes are kept: only candidates are sorted.
  const least = weights.toSorted()[Math.max(0, weights.length - limit)] ?? 0;
  const ranked: { readonly box: Vertex; readonly weight: number }[] = [];
  at = 0;
  for (const box of boxes.values()) {
    const weight = weights[at++] as number;
    if (weight >= least) ranked.push({ box, weight });
  }
  // Infinity minus Infinity is not a number.
  ranked.sort((a, b) => (a.weight === b.weight ? (a.box.name < b.box.name ? -1 : 1) : b.weight - a.weight));
  return ranked.slice(0, limit).map(({ box }) => box);
}

/** A box's name for people; for `others` with the number of boxes. */
export function displayName(name: string, folded?: number): string {
  if (name === OTHERS) return folded === undefined ? 'others' : `others (${folded})`;
  return name === OUTSIDE ? 'outside' : toCells(name);
}
