import { truncateCells } from '../../format/cells.ts';
import { formatCount, formatRate } from '../../format/numbers.ts';
import { displayName } from '../../graph/collapse.ts';
import { formatKind, type Vertex } from '../../graph/graph.ts';
import type { Style } from '../text/style.ts';
import type { CellGrid } from './cell-grid.ts';
import type { PlacedBox } from './slots.ts';

export interface BoxAppearance {
  /** The name, cut to fit. */
  readonly name: string;
  readonly selected: boolean;
  /** Its bad status ("lost"): then it is grey. */
  readonly note: string | undefined;
}

interface Frame {
  readonly corners: string;
  readonly across: string;
  readonly up: string;
}

const SQUARE: Frame = { corners: '┌┐└┘', across: '─', up: '│' };
const ROUND: Frame = { corners: '╭╮╰╯', across: '─', up: '│' };
const DOUBLE: Frame = { corners: '╔╗╚╝', across: '═', up: '║' };
const DASHED: Frame = { corners: '┌┐└┘', across: '╌', up: '┆' };
const SOFT: Frame = { corners: '╭╮╰╯', across: '╌', up: '┆' };
const HEAVY: Frame = { corners: '┏┓┗┛', across: '━', up: '┃' };

/** Nodes are square, workloads round, Services double; groups and external boxes are dashed. */
const FRAMES: Readonly<Record<string, Frame>> = {
  node: SQUARE,
  service: DOUBLE,
  outside: DASHED,
  address: DASHED,
  others: SOFT,
};

/** The preferred width of a box: for its name and its rate. */
export function preferredWidth(name: string): number {
  return Math.max(name.length + 4, 15);
}

/** The width of a rate and an internal rate: "1.21 MB/s ↻ 1.21 MB/s". */
export const DETAILED_WIDTH = 25;

export function drawBox(cells: CellGrid, placed: PlacedBox, box: Vertex | undefined, look: BoxAppearance): void {
  const { x, y, width, height } = placed;
  const stale = box !== undefined && box.traffic.stale > 0 && box.traffic.stale === box.traffic.connections;
  const grey = look.note !== undefined || stale;
  const style: Style = look.selected ? 'focus' : grey ? 'stale' : 'title';
  if (height < 3) {
    drawLine(cells, placed, box, look, style, grey);
    return;
  }
  const frame = look.selected ? HEAVY : (FRAMES[box?.kind ?? ''] ?? ROUND);
  const edge: Style = look.selected ? 'focus' : grey ? 'stale' : 'dim';
  const inner = width - 2;
  const [topLeft = '', topRight = '', bottomLeft = '', bottomRight = ''] = frame.corners;
  cells.write(x, y, `${topLeft}${frame.across.repeat(inner)}${topRight}`, edge);
  for (let line = 1; line < height - 1; line++)
    cells.write(x, y + line, `${frame.up}${' '.repeat(inner)}${frame.up}`, edge);
  cells.write(x, y + height - 1, `${bottomLeft}${frame.across.repeat(inner)}${bottomRight}`, edge);
  centerText(cells, placed, 0, look.name.length <= inner - 2 ? ` ${look.name} ` : look.name, style);
  writeRates(cells, placed, box, grey);
  const bottom = y + height - 1;
  const { note } = look;
  const alarm =
    note !== undefined
      ? ` ${note} `
      : box !== undefined && box.traffic.unanswered > 0
        ? ` ✗ ${formatCount(box.traffic.unanswered)} `
        : '';
  if (alarm !== '') {
    const text = truncateCells(alarm, inner);
    cells.write(x + width - 1 - text.length - (text.length < inner - 1 ? 1 : 0), bottom, text, 'bad');
  }
  const kind =
    box === undefined || displayName(box.name) === box.kind || box.kind === 'others' ? '' : ` ${formatKind(box.kind)} `;
  if (kind !== '' && kind.length + alarm.length <= inner - 2) cells.write(x + 2, bottom, kind, grey ? 'stale' : 'dim');
}

/** The rate of the box, and if there is room, the rate within it. */
function writeRates(cells: CellGrid, placed: PlacedBox, box: Vertex | undefined, grey: boolean): void {
  const inner = placed.width - 2;
  const rate = formatRate(box?.traffic.rate);
  const within = box?.within.rate ?? 0;
  const style: Style | undefined = grey ? 'stale' : undefined;
  if (within <= 0 || rate.length + 2 > inner) {
    centerText(cells, placed, 1, truncateCells(rate, inner), style);
    return;
  }
  const full = `↻ ${formatRate(within)}`;
  const loop = [` ${full}`, ' ↻'].find((text) => rate.length + text.length <= inner) ?? '';
  const start = placed.x + 1 + Math.floor((inner - rate.length - loop.length) / 2);
  cells.write(start, placed.y + 1, rate, style);
  cells.write(start + rate.length, placed.y + 1, loop, grey ? 'stale' : 'dim');
}

function drawLine(
  cells: CellGrid,
  placed: PlacedBox,
  box: Vertex | undefined,
  look: BoxAppearance,
  style: Style,
  grey: boolean,
) {
  const { x, y, width } = placed;
  const unanswered = box?.traffic.unanswered ?? 0;
  const alarm = look.note ?? (unanswered > 0 ? `✗${formatCount(unanswered)}` : '');
  const [open, close] = look.selected ? ['▐', '▌'] : ['[', ']'];
  const rate = alarm === '' ? formatRate(box?.traffic.rate).replace(' ', '') : alarm;
  const inner = width - 2;
  const name = truncateCells(look.name, Math.max(1, inner - rate.length - 1));
  cells.write(x, y, open, look.selected ? 'focus' : 'dim');
  cells.write(x + 1, y, name.padEnd(inner), style);
  cells.write(x + 1 + inner - rate.length, y, rate, alarm === '' ? (grey ? 'stale' : undefined) : 'bad');
  cells.write(x + width - 1, y, close, look.selected ? 'focus' : 'dim');
}

function centerText(cells: CellGrid, box: PlacedBox, line: number, text: string, style?: Style): void {
  cells.write(box.x + 1 + Math.floor((box.width - 2 - text.length) / 2), box.y + line, text, style);
}
