import { OTHERS } from './graph.ts';
import { OUTSIDE } from './grouping.ts';

export interface Placed {
  readonly name: string;
  /** In cells, from the picture's upper left corner. */
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

export const BOX_HEIGHT = 3;
const MAX_BOX_WIDTH = 24;
/** Room for "others (85)". */
const MIN_BOX_WIDTH = 13;

/** How many boxes a picture of this size takes without becoming a tangle. */
export function capacity(width: number, height: number): number {
  return Math.max(2, Math.min(rim(width, height, MIN_BOX_WIDTH).length, 24));
}

/**
 * Where the boxes go: the hub, if there is one, in the middle, the others around it in the order of their names. It
 * depends on the names and the size alone, never on a number, so that no box moves when the traffic does.
 */
export function place(names: readonly string[], width: number, height: number, hub?: string): Placed[] {
  const around = names.filter((name) => name !== hub).sort(byName);
  const longest = Math.max(...names.map((name) => name.length), 9);
  const wanted = Math.min(longest + 4, MAX_BOX_WIDTH);
  const inARow = Math.min(around.length, 2) + (hub === undefined ? 0 : 1);
  const boxHeight = Math.min(BOX_HEIGHT, height);
  let boxWidth = clamp(Math.floor(width / Math.max(1, inARow)) - 6, Math.min(MIN_BOX_WIDTH, width), wanted);
  const lay = (centres: readonly Point[]): Placed[] =>
    [...(hub === undefined ? [] : [hub]), ...around].map((name, index) => {
      const centre = hub === undefined ? centres[index] : index === 0 ? middle : centres[index - 1];
      return {
        name,
        x: clamp(Math.round((centre ?? middle).x - boxWidth / 2), 0, width - boxWidth),
        y: clamp(Math.round((centre ?? middle).y - boxHeight / 2), 0, height - boxHeight),
        width: boxWidth,
        height: boxHeight,
      };
    });
  const middle = { x: width / 2, y: height / 2 };
  if (hub === undefined && around.length === 1) return lay([middle]);
  for (; ; boxWidth--) {
    const round = lay(ring(around.length, width, height, boxWidth, boxHeight));
    if (apart(round)) return round;
    const slots = rim(width, height, boxWidth);
    const square = lay(around.map((_, i) => slots[Math.floor((i * slots.length) / around.length)] ?? middle));
    if (slots.length >= around.length && apart(square)) return square;
    if (boxWidth <= MIN_BOX_WIDTH) return round;
  }
}

interface Point {
  readonly x: number;
  readonly y: number;
}

function apart(boxes: readonly Placed[]): boolean {
  return boxes.every((a, i) =>
    boxes.every(
      (b, j) => j <= i || a.x + a.width < b.x || b.x + b.width < a.x || a.y + a.height <= b.y || b.y + b.height <= a.y,
    ),
  );
}

/** Centres of a grid's outer cells, from the middle of the left side clockwise. */
function rim(width: number, height: number, boxWidth: number): Point[] {
  const columns = Math.max(1, Math.floor((width + 3) / (boxWidth + 4)));
  const rows = Math.max(1, Math.floor((height + 1) / (BOX_HEIGHT + 1)));
  const x = (column: number) => boxWidth / 2 + (columns === 1 ? 0 : (column * (width - boxWidth)) / (columns - 1));
  const y = (row: number) => BOX_HEIGHT / 2 + (rows === 1 ? 0 : (row * (height - BOX_HEIGHT)) / (rows - 1));
  const points: Point[] = [];
  for (let row = 0; row < rows; row++)
    for (let column = 0; column < columns; column++)
      if (row === 0 || row === rows - 1 || column === 0 || column === columns - 1)
        points.push({ x: x(column), y: y(row) });
  const angle = (point: Point) => {
    const turned = Math.atan2(point.y - height / 2, point.x - width / 2) + Math.PI;
    return turned >= Math.PI * 2 ? 0 : turned;
  };
  return points.sort((a, b) => angle(a) - angle(b));
}

/** Centres on an ellipse, spread by equal length of arc, beginning at the left (three: at the top) and going clockwise. */
function ring(count: number, width: number, height: number, boxWidth: number, boxHeight: number): Point[] {
  const radiusX = Math.max(0, (width - boxWidth) / 2);
  const radiusY = Math.max(0, (height - boxHeight) / 2);
  // A superellipse uses the corners that an ellipse leaves empty. Rows count double: a cell is twice as high as wide.
  const exponent = 0.7;
  const start = count === 3 ? Math.PI / 2 : 0;
  const point = (turn: number) => {
    const angle = turn + start;
    const cos = Math.cos(angle);
    const sin = Math.sin(angle);
    return {
      x: width / 2 - Math.sign(cos) * Math.abs(cos) ** exponent * radiusX,
      y: height / 2 - Math.sign(sin) * Math.abs(sin) ** exponent * radiusY,
    };
  };
  const samples = 720;
  const lengths = [0];
  let before = point(0);
  for (let i = 1; i <= samples; i++) {
    const here = point((i / samples) * Math.PI * 2);
    lengths.push((lengths[i - 1] ?? 0) + Math.hypot(here.x - before.x, 2 * (here.y - before.y)));
    before = here;
  }
  const total = lengths[samples] ?? 0;
  const slots: Point[] = [];
  let sample = 0;
  for (let i = 0; i < count; i++) {
    const wanted = (total * i) / count;
    while (sample < samples && (lengths[sample] ?? 0) < wanted) sample++;
    slots.push(point((sample / samples) * Math.PI * 2));
  }
  return slots;
}

function byName(a: string, b: string): number {
  return rank(a) - rank(b) || a.localeCompare(b, 'en', { numeric: true });
}

// What is not one of many comes last, so that the many keep their places when it comes and goes.
function rank(name: string): number {
  return name === OTHERS ? 2 : name === OUTSIDE ? 1 : 0;
}

function clamp(value: number, low: number, high: number): number {
  return Math.max(low, Math.min(high, value));
}
