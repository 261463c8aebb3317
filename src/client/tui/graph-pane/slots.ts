/** A box's place in the picture, in cells, from its upper left corner. */
export interface PlacedBox {
  readonly name: string;
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

export interface Center {
  readonly x: number;
  readonly y: number;
}

/** Possible places of boxes. */
export interface SlotGrid {
  /** In cells. */
  readonly centers: readonly Center[];
  /** The distance between neighbouring centers, in cells; undefined: they are not in rows. */
  readonly pitch?: number;
  /** The maximum width of a box. */
  readonly boxWidth: number;
  readonly boxHeight: number;
}

/** Room for "others (85)", and for a rate. */
const MIN_BOX_WIDTH = 13;
const MAX_BOX_WIDTH = 26;
/** A box in one line: its name and its rate. */
const LINE_WIDTH = 17;
const MAX_BOXES = 24;

interface Measure {
  readonly width: number;
  readonly height: number;
  readonly gapX: number;
  readonly gapY: number;
}

function measure(width: number, height: number): Measure {
  if (height < 7) return { width: Math.min(LINE_WIDTH, width), height: 1, gapX: 3, gapY: 1 };
  return { width: Math.min(MIN_BOX_WIDTH, width), height: 3, gapX: width < 60 ? 4 : 7, gapY: height < 12 ? 1 : 2 };
}

function most(width: number, height: number): { columns: number; rows: number } {
  const box = measure(width, height);
  return {
    columns: Math.max(1, Math.floor((width + box.gapX) / (box.width + box.gapX))),
    rows: Math.max(1, Math.floor((height + box.gapY) / (box.height + box.gapY))),
  };
}

function rim(columns: number, rows: number): number {
  return columns < 3 || rows < 3 ? columns * rows : 2 * (columns + rows) - 4;
}

/** How many boxes fit into a picture of this size while it stays readable. */
export function maxBoxes(width: number, height: number): number {
  const { columns, rows } = most(width, height);
  // The inner part is for lines; a few boxes may be there.
  return Math.min(MAX_BOXES, rim(columns, rows) + Math.floor((columns * rows - rim(columns, rows)) / 4));
}

/** The cost per cell that a box is narrower than preferred. */
const SQUEEZED = 0.2;

/** A grid for this many boxes, with some free places for later ones. `wanted`: the width of their names. */
export function chooseGrid(count: number, width: number, height: number, wanted = MIN_BOX_WIDTH): SlotGrid {
  const box = measure(width, height);
  const limit = most(width, height);
  // Two boxes face each other.
  if (count <= 2 && limit.columns >= count) return grid(count, 1, width, height, box);
  let best = limit;
  let least = Number.POSITIVE_INFINITY;
  for (let columns = 1; columns <= limit.columns; columns++) {
    for (let rows = 1; rows <= limit.rows; rows++) {
      const squeezed = Math.max(0, Math.min(wanted, MAX_BOX_WIDTH) - (width / columns - box.gapX));
      const cost = gridCost(columns, rows, count, width / height) + squeezed * SQUEEZED;
      if (cost < least) {
        least = cost;
        best = { columns, rows };
      }
    }
  }
  return grid(best.columns, best.rows, width, height, box);
}

function gridCost(columns: number, rows: number, count: number, shape: number): number {
  const slots = columns * rows;
  if (slots < count) return Number.POSITIVE_INFINITY;
  // A few boxes are in the corners; more need free places to avoid each other's lines.
  const wanted = count <= 4 ? 4 : count * 1.3 + 2;
  const spare = slots < wanted ? (wanted - slots) * 3 : slots - wanted;
  // Horizontal lines are easier to read: columns are somewhat wider than rows are high.
  return spare / 4 + Math.abs(Math.log((shape / 2 / 1.4) * (rows / columns))) * 2;
}

function grid(columns: number, rows: number, width: number, height: number, box: Measure): SlotGrid {
  const boxWidth =
    columns === 1
      ? Math.min(MAX_BOX_WIDTH, width)
      : clamp(Math.floor(width / columns - box.gapX), box.width, MAX_BOX_WIDTH);
  const along = (index: number, count: number, size: number, length: number) => {
    if (count === 1) return length / 2;
    const inset = ((length - count * size) / count) * 0.12;
    return size / 2 + inset + (index * (length - size - 2 * inset)) / (count - 1);
  };
  const centers = Array.from({ length: columns * rows }, (_, i) => ({
    x: along(i % columns, columns, boxWidth, width),
    y: along(Math.floor(i / columns), rows, box.height, height),
  }));
  const [first, second] = centers;
  const pitch = columns > 1 && first !== undefined && second !== undefined ? second.x - first.x : width;
  return { centers, pitch, boxWidth, boxHeight: box.height };
}

/** Places around the picture, with a free middle; undefined: not enough room. */
export function chooseRing(count: number, width: number, height: number, wanted = MIN_BOX_WIDTH): SlotGrid | undefined {
  const box = measure(width, height);
  const places = count + Math.ceil(count / 8);
  for (let boxWidth = clamp(wanted, box.width, MAX_BOX_WIDTH); boxWidth >= box.width; boxWidth--) {
    const centers = ellipse(places, width, height, boxWidth, box.height);
    if (apart(centers, boxWidth + 2, box.height + 1)) return { centers, boxWidth, boxHeight: box.height };
  }
  return rimFor(count, width, height);
}

/** The outer places of a grid, close together: for a ring that has little room. */
function rimFor(count: number, width: number, height: number): SlotGrid | undefined {
  const box = { ...measure(width, height), gapX: 2, gapY: 1 };
  const columns = Math.floor((width + box.gapX) / (box.width + box.gapX));
  const rows = Math.floor((height + box.gapY) / (box.height + box.gapY));
  if (columns < 3 || rows < 3 || rim(columns, rows) < count) return undefined;
  const { centers, ...rest } = grid(columns, rows, width, height, box);
  return {
    ...rest,
    centers: centers.filter((_, i) => {
      const [column, row] = [i % columns, Math.floor(i / columns)];
      return row === 0 || row === rows - 1 || column === 0 || column === columns - 1;
    }),
  };
}

function apart(centres: readonly Center[], width: number, height: number): boolean {
  return centres.every((a, i) =>
    centres.every((b, j) => j <= i || Math.abs(a.x - b.x) >= width || Math.abs(a.y - b.y) >= height),
  );
}

/** Centres on an ellipse, at equal distances along it. */
function ellipse(count: number, width: number, height: number, boxWidth: number, boxHeight: number): Center[] {
  const [radiusX, radiusY] = [Math.max(0, (width - boxWidth) / 2), Math.max(0, (height - boxHeight) / 2)];
  const point = (turn: number): Center => {
    const [cos, sin] = [Math.cos(turn), Math.sin(turn)];
    // A superellipse uses the corners that an ellipse leaves empty.
    const bulge = (value: number) => Math.sign(value) * Math.abs(value) ** 0.7;
    return { x: width / 2 - bulge(cos) * radiusX, y: height / 2 - bulge(sin) * radiusY };
  };
  const samples = Array.from({ length: 721 }, (_, i) => point((i / 720) * Math.PI * 2));
  const lengths = [0];
  for (const [i, { x, y }] of samples.entries()) {
    const next = samples[i + 1];
    // A row is about twice as high as a column is wide.
    if (next) lengths.push((lengths[i] ?? 0) + Math.hypot(next.x - x, 2 * (next.y - y)));
  }
  const total = lengths.at(-1) ?? 0;
  return Array.from({ length: count }, (_, i) => {
    const at = lengths.findIndex((length) => length >= (total * i) / count);
    return samples[Math.max(0, at)] ?? { x: width / 2, y: height / 2 };
  });
}

/** The box of that width in that slot. */
export function boxInSlot(slots: SlotGrid, slot: number, name: string, wanted: number): PlacedBox {
  const centre = slots.centers[slot] ?? { x: 0, y: 0 };
  // A box of one line uses the whole width.
  const width =
    slots.boxHeight === 1 ? slots.boxWidth : clamp(wanted, Math.min(MIN_BOX_WIDTH, slots.boxWidth), slots.boxWidth);
  return {
    name,
    x: Math.max(0, Math.floor(centre.x - width / 2)),
    y: Math.max(0, Math.floor(centre.y - slots.boxHeight / 2)),
    width,
    height: slots.boxHeight,
  };
}

function clamp(value: number, low: number, high: number): number {
  return Math.max(low, Math.min(high, value));
}
