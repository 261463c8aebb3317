import type { CollapsedGraph } from '../../graph/collapse.ts';
import { type Edge, edgeKey } from '../../graph/graph.ts';
import { contains, DOTS_X, DOTS_Y, lengthOf, pointAt } from './curve.ts';
import type { EdgeRoute } from './edge-routes.ts';
import type { PlacedBox } from './slots.ts';

/** The drawn graph, for moving in it. A box's key is its name; an edge's key the names of its ends with \n between. */
export interface DrawnGraph {
  readonly graph: CollapsedGraph;
  readonly boxes: readonly PlacedBox[];
  /** The drawn edges, the heaviest first. */
  readonly edges: readonly Edge[];
  readonly routes: ReadonlyMap<string, EdgeRoute>;
}

export const EMPTY_GRAPH: DrawnGraph = {
  graph: { boxes: new Map(), edges: new Map(), collapsed: 0 },
  boxes: [],
  edges: [],
  routes: new Map(),
};

export type MoveDirection = 'left' | 'right' | 'up' | 'down';

/** Boxes in reading order. */
function inOrder({ boxes }: DrawnGraph): PlacedBox[] {
  return [...boxes].sort((a, b) => a.y - b.y || a.x - b.x);
}

export function firstBox(frame: DrawnGraph): string | undefined {
  return inOrder(frame)[0]?.name;
}

export function lastBox(frame: DrawnGraph): string | undefined {
  return inOrder(frame).at(-1)?.name;
}

export function busiestBox({ graph, boxes }: DrawnGraph): string | undefined {
  let heaviest: string | undefined;
  let most = -1;
  for (const { name } of boxes) {
    const box = graph.boxes.get(name);
    const rate = box === undefined || box.kind === 'others' ? 0 : (box.traffic.rate ?? 0);
    if (rate > most) [heaviest, most] = [name, rate];
  }
  return heaviest;
}

/** The weight of a sideways step compared to a forward step. */
const ASIDE = 2;

/** The nearest box on that side; from an edge, the nearest of its ends. */
export function nearestBox(frame: DrawnGraph, key: string, way: MoveDirection): string | undefined {
  const [from, to] = key.split('\n');
  const here = frame.boxes.filter(({ name }) => name === from || name === to);
  if (here.length === 0) return busiestBox(frame);
  const [x, y] = [mean(here.map(middleX)), mean(here.map(middleY))];
  let nearest: string | undefined;
  let least = Number.POSITIVE_INFINITY;
  for (const box of to === undefined ? frame.boxes : here) {
    const [dx, dy] = [middleX(box) - x, middleY(box) - y];
    const ahead = { left: -dx, right: dx, up: -dy, down: dy }[way];
    const aside = Math.abs(way === 'left' || way === 'right' ? dy : dx);
    if (ahead <= 0 || (to === undefined && aside > ahead)) continue;
    const far = ahead + aside * ASIDE;
    if (far < least) [nearest, least] = [box.name, far];
  }
  return nearest;
}

// In dots, which are about as wide as high.
function middleX({ x, width }: PlacedBox): number {
  return (x + width / 2) * DOTS_X;
}

function middleY({ y, height }: PlacedBox): number {
  return (y + height / 2) * DOTS_Y;
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** The next line of the selected box, the heaviest first, in a circle; without a selection, the next of all lines. */
export function nextEdge(frame: DrawnGraph, key: string | undefined, step: number): string | undefined {
  const [from, to] = key?.split('\n') ?? [];
  const edges = frame.edges.filter((edge) => from === undefined || edge.from === from || edge.to === from);
  if (edges.length === 0) return undefined;
  const at = from === undefined || to === undefined ? -1 : edges.findIndex((edge) => keyOf(edge) === edgeKey(from, to));
  const next =
    edges[(at < 0 ? (step > 0 ? step - 1 : step) : at + step + edges.length * 1000) % edges.length] ?? edges.at(step);
  if (next === undefined) return undefined;
  // The key starts with the box of the cursor, so that the next step knows it.
  const origin = from ?? next.from;
  return `${origin}\n${next.from === origin ? next.to : next.from}`;
}

function keyOf({ from, to }: Edge): string {
  return edgeKey(from, to);
}

/** The box at a cell of the picture, or else a line at most one cell away. */
export function hitTest(frame: DrawnGraph, column: number, row: number): string | undefined {
  const point = { x: (column + 0.5) * DOTS_X, y: (row + 0.5) * DOTS_Y };
  const box = frame.boxes.find((one) => contains(one, point));
  if (box !== undefined) return box.name;
  let nearest: string | undefined;
  let least = DOTS_Y * 1.2;
  for (const edge of frame.edges) {
    const route = frame.routes.get(keyOf(edge));
    if (route === undefined) continue;
    const samples = Math.ceil(lengthOf(route.curve) / 2);
    for (let i = 0; i <= samples; i++) {
      const { x, y } = pointAt(route.curve, route.start + ((route.end - route.start) * i) / samples);
      const far = Math.hypot(x - point.x, y - point.y);
      if (far < least) [nearest, least] = [keyOf(edge), far];
    }
  }
  return nearest;
}
