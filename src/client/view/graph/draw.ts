import { formatCount, formatRate } from '../../table/format.ts';
import type { Line, Span } from '../text/line.ts';
import { fit, plain, shorten } from '../text/plain.ts';
import type { Style } from '../text/style.ts';
import { Braille } from './braille.ts';
import { CellGrid } from './cell-grid.ts';
import { type Edge, edgeKey, type Folded, OTHERS } from './graph.ts';
import { heat, heatStyle } from './heat.ts';
import type { Placed } from './place.ts';

/** Ink of edges with nothing but unanswered traffic: above every heat. */
const RED = 7;

/** More lines than these tell nothing; the lightest are left out. */
const MOST_EDGES = 48;

export interface Selected {
  readonly box?: string;
  readonly edge?: string;
}

/**
 * Draws the graph: edges in braille, then labels, then boxes, so that a box is never crossed. `notes`: what is the matter
 * with a box ("lost"), which then is grey.
 */
export function drawGraph(
  graph: Folded,
  placed: readonly Placed[],
  width: number,
  height: number,
  selected: Selected = {},
  notes: ReadonlyMap<string, string> = new Map(),
): Line[] {
  const cells = new CellGrid(width, height);
  const at = new Map(placed.map((box) => [box.name, box]));
  const edges = [...graph.edges.values()]
    .filter((edge) => at.has(edge.from) && at.has(edge.to))
    .sort((a, b) => weightOf(a) - weightOf(b))
    .slice(-MOST_EDGES);
  const heaviest = Math.max(0, ...edges.map((edge) => edge.traffic.rate ?? 0));
  const ink = new Braille(width, height);
  for (const edge of edges) drawEdge(ink, edge, at, heaviest, selected.edge === edgeKey(edge.from, edge.to));
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const dot = ink.at(x, y);
      if (dot) cells.set(x, y, dot.character, dot.ink === RED ? 'bad' : dot.ink === 6 ? 'focus' : heatStyle(dot.ink));
    }
  }
  const taken = [...placed];
  for (const edge of edges.reverse()) labelEdge(cells, edge, at, taken, heaviest, selected.edge);
  for (const box of placed) drawBox(cells, box, graph, selected.box === box.name, notes.get(box.name));
  return cells.lines();
}

function weightOf(edge: Edge): number {
  return (edge.traffic.rate ?? 0) + edge.traffic.unanswered * 1e-3;
}

function isRed(edge: Edge): boolean {
  return edge.traffic.unanswered > 0 && edge.traffic.unanswered === edge.traffic.connections;
}

function drawEdge(ink: Braille, edge: Edge, at: ReadonlyMap<string, Placed>, heaviest: number, selected: boolean) {
  const from = at.get(edge.from);
  const to = at.get(edge.to);
  if (!from || !to) return;
  const level = heat(edge.traffic.rate, heaviest);
  const weight = level >= 5 ? 3 : level >= 3 ? 2 : 1;
  const red = isRed(edge);
  const [x0, y0, x1, y1] = [middleX(from) * 2, middleY(from) * 4, middleX(to) * 2, middleY(to) * 4];
  const colour = red ? RED : selected ? 6 : level;
  // Dashes tell it without colour: nothing comes back.
  ink.line(x0, y0, x1, y1, selected ? Math.max(2, weight) : weight, colour, red ? 4 : 0);
}

function middleX(box: Placed): number {
  return box.x + box.width / 2;
}

function middleY(box: Placed): number {
  return box.y + box.height / 2;
}

const SPOTS = [0.5, 0.42, 0.58, 0.34, 0.66];

function labelEdge(
  cells: CellGrid,
  edge: Edge,
  at: ReadonlyMap<string, Placed>,
  taken: Placed[],
  heaviest: number,
  selected: string | undefined,
) {
  const from = at.get(edge.from);
  const to = at.get(edge.to);
  const level = heat(edge.traffic.rate, heaviest);
  const { unanswered, rate } = edge.traffic;
  const chosen = selected === edgeKey(edge.from, edge.to);
  if (!from || !to || (level < 3 && unanswered === 0 && !chosen)) return;
  const pieces: Span[] = [];
  if (level > 0) pieces.push({ text: formatRate(rate), style: chosen ? 'focus' : heatStyle(level) });
  if (unanswered > 0) pieces.push({ text: `${level > 0 ? ' ' : ''}✗ ${formatCount(unanswered)}`, style: 'bad' });
  if (pieces.length === 0) return;
  const length = pieces.reduce((sum, { text }) => sum + text.length, 0);
  for (const spot of SPOTS) {
    const x = Math.round(middleX(from) + (middleX(to) - middleX(from)) * spot - (length + 2) / 2);
    const y = Math.floor(middleY(from) + (middleY(to) - middleY(from)) * spot);
    const place = { name: '', x, y, width: length + 2, height: 1 };
    const inside = x >= 0 && y >= 0 && x + place.width <= cells.width && y < cells.height;
    if (!inside || taken.some((other) => overlap(place, other))) continue;
    taken.push(place);
    cells.set(x, y, ' ');
    let column = x + 1;
    for (const { text, style } of pieces) {
      cells.write(column, y, text, style);
      column += text.length;
    }
    cells.set(column, y, ' ');
    return;
  }
}

function overlap(a: Placed, b: Placed): boolean {
  return a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;
}

const LIGHT = { tl: '╭', tr: '╮', bl: '╰', br: '╯', h: '─', v: '│' };
const HEAVY = { tl: '┏', tr: '┓', bl: '┗', br: '┛', h: '━', v: '┃' };

function drawBox(cells: CellGrid, box: Placed, graph: Folded, selected: boolean, note: string | undefined) {
  const known = graph.boxes.get(box.name);
  const traffic = known?.traffic;
  const old = note !== undefined || (traffic && traffic.stale > 0 && traffic.stale === traffic.connections);
  const style: Style = selected ? 'focus' : old ? 'stale' : 'title';
  const { tl, tr, bl, br, h, v } = selected ? HEAVY : LIGHT;
  const edge = selected ? 'focus' : 'dim';
  const name = box.name === OTHERS ? `${OTHERS} (${graph.folded})` : plain(box.name);
  const inner = box.width - 2;
  if (box.height < 3) {
    cells.write(box.x, box.y, fit(`[${shorten(name, inner)}]`, box.width), style);
    return;
  }
  const line = h.repeat(inner);
  cells.write(box.x, box.y, `${tl}${line}${tr}`, edge);
  cells.write(box.x, box.y + 1, `${v}${' '.repeat(inner)}${v}`, edge);
  cells.write(box.x, box.y + 2, `${bl}${line}${br}`, edge);
  cells.centre(box, 0, name.length <= inner - 2 ? ` ${name} ` : shorten(name, inner), style);
  cells.centre(box, 1, shorten(formatRate(traffic?.rate), inner), old ? 'stale' : undefined);
  if (note !== undefined) cells.centre(box, 2, shorten(` ${note} `, inner), 'bad');
  else if (traffic && traffic.unanswered > 0)
    cells.centre(box, 2, shorten(` ✗ ${formatCount(traffic.unanswered)} `, inner), 'bad');
}
