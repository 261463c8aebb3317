import { toCells } from '../format/cells.ts';
import { OUTSIDE } from '../traffic/grouping.ts';
import { type Edge, edgeKey, edgeWeight, type Graph, newEdge, newVertex, type Vertex } from './graph.ts';

/** The name of the box that stands for those that do not fit. No name in a cluster has parentheses. */
export const OTHERS = '(others)';

export interface CollapsedGraph extends Graph {
  /** Boxes in `others`. */
  readonly collapsed: number;
}

/** A box that is shown stays until another is that many times as heavy, so that boxes do not take turns. */
const STAY_FACTOR = 1.5;

/**
 * Keeps at most `limit` boxes, `others` among them, and folds the rest into that. `first` are kept before any, then the
 * heaviest; those that were shown before weigh more.
 */
export function collapseGraph(
  graph: Graph,
  limit: number,
  first: readonly string[],
  shownBefore: ReadonlySet<string>,
): CollapsedGraph {
  // Once there is such a box, it goes when there is room to spare, not when one box less comes and goes.
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
      // Between two that are folded: a connection is in one such edge, or in more where it passes several of them.
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
  // There may be very many, of which few are kept: only those are sorted that may be among them.
  const least = weights.toSorted()[Math.max(0, weights.length - limit)] ?? 0;
  const ranked: { readonly box: Vertex; readonly weight: number }[] = [];
  at = 0;
  for (const box of boxes.values()) {
    const weight = weights[at++] as number;
    if (weight >= least) ranked.push({ box, weight });
  }
  // Two infinities differ by no number.
  ranked.sort((a, b) => (a.weight === b.weight ? (a.box.name < b.box.name ? -1 : 1) : b.weight - a.weight));
  return ranked.slice(0, limit).map(({ box }) => box);
}

/** A box's name as people read it; of the others, with how many they are. */
export function displayName(name: string, folded?: number): string {
  if (name === OTHERS) return folded === undefined ? 'others' : `others (${folded})`;
  return name === OUTSIDE ? 'outside' : toCells(name);
}
