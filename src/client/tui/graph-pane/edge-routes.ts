import { type Curve, centerOf, contains, curveBetween, DOTS_X, DOTS_Y, lengthOf, pointAt, visible } from './curve.ts';
import type { PlacedBox } from './slots.ts';

/** An edge's line, and the part of it that is not under the boxes at its ends. */
export interface EdgeRoute {
  readonly key: string;
  readonly curve: Curve;
  readonly start: number;
  readonly end: number;
}

export interface EdgeEnds {
  readonly key: string;
  readonly from: PlacedBox;
  readonly to: PlacedBox;
}

/** Possible bends of lines, in the order of preference. */
const BENDS = [0.07, -0.07, 0, 0.16, -0.16, 0.28, -0.28, 0.4, -0.4];

const THROUGH = 60;
const NEAR = 6;
const OUT = 400;
const SHARED = 0.5;
const BENDING = 14;

/**
 * Routes each line: around boxes, not along other lines, and as straight as possible. Lines in `known` stay as
 * they are.
 */
export function routeEdges(
  wanted: readonly EdgeEnds[],
  boxes: readonly PlacedBox[],
  width: number,
  height: number,
  known: ReadonlyMap<string, EdgeRoute> = new Map(),
): Map<string, EdgeRoute> {
  const found = new Map<string, EdgeRoute>();
  const used = new Map<number, number>();
  const cells = (curve: Curve): Set<number> => {
    const passed = new Set<number>();
    const samples = Math.max(8, Math.ceil(lengthOf(curve) / 3));
    for (let i = 0; i <= samples; i++) {
      const { x, y } = pointAt(curve, i / samples);
      passed.add(Math.floor(y / DOTS_Y) * 4096 + Math.floor(x / DOTS_X));
    }
    return passed;
  };
  const take = (route: EdgeRoute) => {
    found.set(route.key, route);
    for (const cell of cells(route.curve)) used.set(cell, (used.get(cell) ?? 0) + 1);
  };
  for (const { key } of wanted) {
    const route = known.get(key);
    if (route) take(route);
  }
  // Short lines have no choice: they go first.
  const open = wanted.filter(({ key }) => !found.has(key)).map((ends) => ({ ...ends, length: span(ends) }));
  open.sort((a, b) => a.length - b.length || (a.key < b.key ? -1 : 1));
  for (const { key, from, to } of open) {
    let best: Curve | undefined;
    let least = Number.POSITIVE_INFINITY;
    for (const bend of BENDS) {
      const curve = curveBetween(centerOf(from), centerOf(to), bend);
      let cost = Math.abs(bend) * BENDING + obstacles(curve, from, to, boxes, width, height);
      if (cost >= least) continue;
      for (const cell of cells(curve)) cost += (used.get(cell) ?? 0) * SHARED;
      if (cost < least) {
        least = cost;
        best = curve;
      }
    }
    if (best) take({ key, curve: best, ...visible(best, from, to) });
  }
  return found;
}

export function crossesBox(curve: Curve, box: PlacedBox): boolean {
  const samples = Math.max(8, Math.ceil(lengthOf(curve) / 4));
  for (let i = 0; i <= samples; i++) if (contains(box, pointAt(curve, i / samples))) return true;
  return false;
}

function span({ from, to }: EdgeEnds): number {
  const [a, b] = [centerOf(from), centerOf(to)];
  return Math.hypot(a.x - b.x, a.y - b.y);
}

function obstacles(
  curve: Curve,
  from: PlacedBox,
  to: PlacedBox,
  boxes: readonly PlacedBox[],
  width: number,
  height: number,
) {
  const hit = new Set<PlacedBox>();
  const near = new Set<PlacedBox>();
  let cost = 0;
  const samples = Math.max(8, Math.ceil(lengthOf(curve) / 4));
  for (let i = 0; i <= samples; i++) {
    const point = pointAt(curve, i / samples);
    if (point.x < 0 || point.y < 0 || point.x >= width * DOTS_X || point.y >= height * DOTS_Y) cost += OUT / samples;
    for (const box of boxes) {
      if (box === from || box === to) continue;
      if (contains(box, point)) hit.add(box);
      else if (contains(box, point, 1)) near.add(box);
    }
  }
  return cost + hit.size * THROUGH + near.size * NEAR;
}
