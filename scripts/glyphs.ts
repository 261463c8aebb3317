/**
 * Characters that a terminal draws from edge to edge, as shapes: fonts on the reader's side differ in them, and some have
 * none. Coordinates are those of a cell, from 0 to 1 each way.
 */

/** Lines from the middle to the edges: up, right, down, left; 1 light, 2 heavy. */
const LINES: Readonly<Record<string, readonly [number, number, number, number]>> = {
  '─': [0, 1, 0, 1],
  '━': [0, 2, 0, 2],
  '│': [1, 0, 1, 0],
  '┃': [2, 0, 2, 0],
  '┌': [0, 1, 1, 0],
  '┐': [0, 0, 1, 1],
  '└': [1, 1, 0, 0],
  '┘': [1, 0, 0, 1],
  '├': [1, 1, 1, 0],
  '┤': [1, 0, 1, 1],
  '┬': [0, 1, 1, 1],
  '┴': [1, 1, 0, 1],
  '┼': [1, 1, 1, 1],
};

/** Quarter circles, by the two edges that they join: x and y of the corner that they go around. */
const ARCS: Readonly<Record<string, readonly [number, number]>> = {
  '╭': [1, 1],
  '╮': [0, 1],
  '╯': [0, 0],
  '╰': [1, 0],
};

const BARS = '▁▂▃▄▅▆▇█';
/** Bits of a braille character, in the order of Unicode: column and row of the dot. */
const DOTS: readonly (readonly [number, number])[] = [
  [0, 0],
  [0, 1],
  [0, 2],
  [1, 0],
  [1, 1],
  [1, 2],
  [0, 3],
  [1, 3],
];

export interface Cell {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** A path of lines to be stroked, or one of areas to be filled; undefined for what a font is to draw. */
export function shapeOf(
  character: string,
  cell: Cell,
): { readonly stroke?: string; readonly heavy?: string; readonly fill?: string } | undefined {
  const { x, y, width, height } = cell;
  const [middleX, middleY] = [x + width / 2, y + height / 2];
  const lines = LINES[character];
  if (lines !== undefined) {
    const ends = [`V${n(y)}`, `H${n(x + width)}`, `V${n(y + height)}`, `H${n(x)}`];
    const path = (weight: number) =>
      ends.flatMap((end, i) => (lines[i] === weight ? [`M${n(middleX)} ${n(middleY)}${end}`] : [])).join('');
    return { stroke: path(1), heavy: path(2) };
  }
  const arc = ARCS[character];
  if (arc !== undefined) {
    const [edgeX, edgeY] = [x + arc[0] * width, y + arc[1] * height];
    return { stroke: `M${n(middleX)} ${n(edgeY)}Q${n(middleX)} ${n(middleY)} ${n(edgeX)} ${n(middleY)}` };
  }
  const bar = BARS.indexOf(character);
  if (bar >= 0) {
    const tall = ((bar + 1) / 8) * height;
    return { fill: `M${n(x)} ${n(y + height - tall)}h${n(width)}v${n(tall)}h${n(-width)}z` };
  }
  const code = character.codePointAt(0) ?? 0;
  if (code >= 0x2800 && code <= 0x28ff) return { fill: dots(code - 0x2800, cell) };
  return undefined;
}

function dots(bits: number, { x, y, width, height }: Cell): string {
  const radius = width * 0.17;
  const arc = `a${n(radius)} ${n(radius)} 0 1 0`;
  return DOTS.map(([column, row], bit) => {
    if ((bits & (1 << bit)) === 0) return '';
    const left = x + width * (0.25 + column * 0.5) - radius;
    const middle = y + (height * (row + 0.5)) / 4;
    return `M${n(left)} ${n(middle)}${arc} ${n(2 * radius)} 0${arc} ${n(-2 * radius)} 0`;
  }).join('');
}

function n(value: number): string {
  return String(Number(value.toFixed(2)));
}
