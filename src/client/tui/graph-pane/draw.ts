import { type CollapsedGraph, displayName, OTHERS } from '../../graph/collapse.ts';
import { type Edge, edgeKey, edgeWeight, isFailing } from '../../graph/graph.ts';
import { rateLevel } from '../../traffic/traffic.ts';
import type { Line } from '../text/line.ts';
import { heatStyle, type Style } from '../text/style.ts';
import { drawBox } from './boxes.ts';
import { Braille } from './braille.ts';
import { CellGrid } from './cell-grid.ts';
import { DOTS_X, DOTS_Y, pointAt } from './curve.ts';
import type { EdgeRoute } from './edge-routes.ts';
import { LabelPlacer } from './labels.ts';
import { shortNames } from './short-names.ts';
import type { PlacedBox } from './slots.ts';

/** Ink of what is selected, and of edges that fail: above every heat. */
const CHOSEN = 6;
const RED = 7;

/** Lines this hot or hotter are labelled. */
const LABELLED = 3;

/** One label per this many cells of the picture. */
const CELLS_PER_LABEL = 330;

/** More lines are not readable; the lightest are left out. */
const MAX_EDGES = 48;
const CELLS_PER_EDGE = 55;

export interface GraphRenderInput {
  readonly graph: CollapsedGraph;
  /** The edges to draw, the heaviest first. */
  readonly edges: readonly Edge[];
  readonly boxes: readonly PlacedBox[];
  readonly routes: ReadonlyMap<string, EdgeRoute>;
  readonly width: number;
  readonly height: number;
  readonly selected?: { readonly box?: string; readonly edge?: string };
  /** The bad status of a box ("lost"), which is then grey. */
  readonly notes?: ReadonlyMap<string, string>;
  /** The previous positions of labels; updated. */
  readonly labelPositions?: Map<string, number>;
}

interface Drawn {
  readonly edge: Edge;
  readonly route: EdgeRoute;
  readonly level: number;
  readonly red: boolean;
  /** Selected, or an edge of the selected box. */
  readonly chosen: boolean;
  readonly quiet: boolean;
  /** In dots. */
  readonly thick: number;
}

/**
 * The edges that are drawn, the heaviest first; edges of the selected box come first, edges of the collapsed box
 * last.
 */
export function selectEdges(edges: Iterable<Edge>, width: number, height: number, selected?: string): Edge[] {
  const most = Math.max(6, Math.min(MAX_EDGES, Math.floor((width * height) / CELLS_PER_EDGE)));
  const rank = (edge: Edge) => (touches(edge, selected) ? 2 : isCollapsed(edge) ? 0 : 1);
  const weighed = [...edges].map((edge) => ({ edge, rank: rank(edge), weight: edgeWeight(edge.traffic) }));
  weighed.sort((a, b) => b.rank - a.rank || b.weight - a.weight || byEnds(a.edge, b.edge));
  return weighed.slice(0, most).map(({ edge }) => edge);
}

function byEnds(a: Edge, b: Edge): number {
  return a.from < b.from || (a.from === b.from && a.to < b.to) ? -1 : 1;
}

function touches({ from, to }: Edge, box: string | undefined): boolean {
  return box !== undefined && (from === box || to === box);
}

function isCollapsed({ from, to }: Edge): boolean {
  return from === OTHERS || to === OTHERS;
}

/** Only of edges between boxes that are not collapsed. */
export function maxRate(edges: readonly Edge[]): number {
  return Math.max(0, ...edges.filter((edge) => !isCollapsed(edge)).map(({ traffic }) => traffic.rate ?? 0));
}

/** Draws edges in braille, then their arrow heads and labels, then boxes, so that a box is never crossed. */
export function drawGraph(scenery: GraphRenderInput): Line[] {
  const { graph, edges, boxes, routes, width, height, selected = {}, notes, labelPositions = new Map() } = scenery;
  const cells = new CellGrid(width, height);
  const ink = new Braille(width, height);
  const heaviest = maxRate(edges);
  const drawn = edges.flatMap((edge): Drawn[] => {
    const key = edgeKey(edge.from, edge.to);
    const route = routes.get(key);
    if (route === undefined) return [];
    const { traffic } = edge;
    const red = isFailing(traffic);
    const chosen = selected.edge === key || touches(edge, selected.box);
    // Unselected edges are dimmed while something is selected, and edges of the collapsed box always are.
    const quiet =
      !chosen && (isCollapsed(edge) || graph.boxes.has(selected.box ?? '') || routes.has(selected.edge ?? ''));
    const share = heaviest === 0 ? 0 : (traffic.rate ?? 0) / heaviest;
    const thick = quiet ? 1 : share >= 0.5 ? 3 : share >= 0.06 ? 2 : 1;
    return [{ edge, route, level: quiet ? 0 : rateLevel(traffic.rate, heaviest), thick, red, chosen, quiet }];
  });
  const inDrawingOrder = [...drawn].reverse().sort((a, b) => Number(b.quiet) - Number(a.quiet));
  for (const one of inDrawingOrder) strokeEdge(ink, one, selected.edge !== undefined);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const dot = ink.at(x, y);
      if (dot) cells.set(x, y, dot.character, inkStyle(dot.ink));
    }
  }
  const at = new Map(boxes.map((box) => [box.name, box]));
  const heads = drawn
    .map((one) =>
      drawHead(cells, one, at.get(one.edge.from), at.get(one.edge.to), styleOf(one, selected.edge !== undefined)),
    )
    .filter((head) => head !== undefined);
  const room = new LabelPlacer([...boxes, ...heads], ink, labelPositions);
  // Labels go to the selected edges first, then to the heaviest and the unanswered ones.
  const reported = drawn
    .filter(({ edge, level, chosen, quiet }) => chosen || level >= LABELLED || (edge.traffic.unanswered > 0 && !quiet))
    .sort((a, b) => Number(b.chosen) - Number(a.chosen))
    .slice(0, Math.max(4, Math.floor((width * height) / CELLS_PER_LABEL)));
  for (const one of reported) {
    const label = room.find(one.edge, one.route, styleOf(one, selected.edge !== undefined));
    for (const [row, line] of (label?.lines ?? []).entries())
      writeLabel(cells, label?.place, row, line, one.chosen && selected.edge !== undefined);
  }
  const short = shortNames([...at.keys()], (name) => Math.max(1, (at.get(name)?.width ?? 0) - 2));
  for (const box of boxes) {
    drawBox(cells, box, graph.boxes.get(box.name), {
      name: box.name === OTHERS ? displayName(OTHERS, graph.collapsed) : (short.get(box.name) ?? ''),
      selected: selected.box === box.name,
      note: notes?.get(box.name),
    });
  }
  return cells.lines();
}

function strokeEdge(ink: Braille, one: Drawn, edgeSelected: boolean): void {
  const { route, level, red, chosen, thick } = one;
  const alone = chosen && edgeSelected;
  // Dashes show unanswered edges without colour.
  const colour = red ? RED : alone ? CHOSEN : level;
  ink.stroke(route.curve, route.start, route.end, alone ? 3 : thick, colour, red ? 4 : 0);
}

/** Colour is the rate's, except for the one edge that is selected. */
function styleOf({ level, chosen, red }: Drawn, edgeSelected: boolean): Style {
  return red ? 'bad' : chosen && edgeSelected ? 'focus' : heatStyle(level);
}

function inkStyle(ink: number): Style {
  return ink === RED ? 'bad' : ink === CHOSEN ? 'focus' : heatStyle(ink);
}

/** An arrow head at the end that receives more. */
function drawHead(
  cells: CellGrid,
  drawn: Drawn,
  from: PlacedBox | undefined,
  to: PlacedBox | undefined,
  style: Style,
): PlacedBox | undefined {
  const { edge, route, red } = drawn;
  const { sentRate = 0, receivedRate = 0 } = edge.traffic;
  // Without replies it points to the server.
  const isForward = red ? edge.initiatedByFrom * 2 >= edge.traffic.connections : sentRate > receivedRate;
  const box = isForward ? to : from;
  if (box === undefined || (!red && sentRate === receivedRate)) return undefined;
  const { x, y } = pointAt(route.curve, isForward ? route.end : route.start);
  const at = { name: '', x: Math.floor(x / DOTS_X), y: Math.floor(y / DOTS_Y), width: 1, height: 1 };
  // By the side of the box that it comes to.
  const head = at.y < box.y ? '▾' : at.y >= box.y + box.height ? '▴' : at.x < box.x ? '▸' : '◂';
  cells.set(at.x, at.y, head, style);
  return at;
}

/** The label of the selected line is in brackets, in case there is no colour. */
function writeLabel(cells: CellGrid, place: PlacedBox | undefined, row: number, line: Line, selected: boolean): void {
  if (place === undefined) return;
  const length = line.reduce((sum, { text }) => sum + text.length, 0);
  const left = place.x + Math.floor((place.width - length) / 2);
  cells.set(left - 1, place.y + row, selected ? '[' : ' ', 'focus');
  let column = left;
  for (const { text, style } of line) {
    cells.write(column, place.y + row, text, style);
    column += text.length;
  }
  cells.set(column, place.y + row, selected ? ']' : ' ', 'focus');
}
