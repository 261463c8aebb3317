import { formatCount, formatRate } from '../../format/numbers.ts';
import type { Edge } from '../../graph/graph.ts';
import { type Line, lineWidth, type Span } from '../text/line.ts';
import type { Style } from '../text/style.ts';
import type { Braille } from './braille.ts';
import { DOTS_X, DOTS_Y, directionAt, pointAt } from './curve.ts';
import type { EdgeRoute } from './edge-routes.ts';
import type { PlacedBox } from './slots.ts';

export interface Label {
  readonly place: PlacedBox;
  readonly lines: readonly Line[];
  /** Of `SPOTS`. */
  readonly spot: number;
}

/** Label positions along a line, from the middle outwards. */
const SPOTS = [0.5, 0.42, 0.58, 0.34, 0.66, 0.26, 0.74, 0.18, 0.82];

/** The costs of a label: per cell of another line under it, of a position off the middle, and of a shorter text. */
const COVERED = 0.5;
const OFF_MIDDLE = 6;
const SAYING_LESS = 2.5;
const MOVED = 3;

export class LabelPlacer {
  readonly #taken: PlacedBox[];
  readonly #ink: Braille;
  readonly #spots: Map<string, number>;

  /** `spots`: the previous positions; labels stay there if possible. */
  constructor(taken: readonly PlacedBox[], ink: Braille, spots: Map<string, number>) {
    this.#taken = [...taken];
    this.#ink = ink;
    this.#spots = spots;
  }

  /** A position for the label that covers no box, no other label, and as little as possible of other lines. */
  find(edge: Edge, route: EdgeRoute, style: Style | undefined): Label | undefined {
    let best: Label | undefined;
    let least = Number.POSITIVE_INFINITY;
    const before = this.#spots.get(route.key);
    for (const [less, lines] of wordings(edge, route, style).entries()) {
      const width = Math.max(...lines.map(lineWidth)) + 2;
      for (const [spot, along] of SPOTS.entries()) {
        const point = pointAt(route.curve, route.start + (route.end - route.start) * along);
        const place = {
          name: route.key,
          x: Math.round(point.x / DOTS_X - width / 2),
          y: Math.round(point.y / DOTS_Y - lines.length / 2),
          width,
          height: lines.length,
        };
        if (!this.#fits(place)) continue;
        const cost =
          less * SAYING_LESS +
          Math.abs(along - 0.5) * OFF_MIDDLE +
          this.#inkUnder(place, route) * COVERED +
          (before === undefined || before === spot ? 0 : MOVED);
        if (cost < least) {
          least = cost;
          best = { place, lines, spot };
        }
      }
    }
    if (best === undefined) return undefined;
    this.#spots.set(route.key, best.spot);
    this.#taken.push(best.place);
    return best;
  }

  #fits({ x, y, width, height }: PlacedBox): boolean {
    if (x < 0 || y < 0 || x + width > this.#ink.width || y + height > this.#ink.height) return false;
    return !this.#taken.some(
      (other) => x < other.x + other.width && other.x < x + width && y < other.y + other.height && other.y < y + height,
    );
  }

  /** Cells with ink of other lines. */
  #inkUnder({ x, y, width, height }: PlacedBox, { curve }: EdgeRoute): number {
    let covered = 0;
    for (let row = y; row < y + height; row++)
      for (let column = x; column < x + width; column++) if (this.#ink.has(column, row)) covered++;
    const way = directionAt(curve, 0.5);
    const own = Math.abs(way.x) * DOTS_Y * height > Math.abs(way.y) * DOTS_X * width ? width : height;
    return Math.max(0, covered - own);
  }
}

/** The labels of an edge, from long to short: both directions below each other, side by side, their sum, and only the alarm. */
function wordings(edge: Edge, { curve }: EdgeRoute, style: Style | undefined): Line[][] {
  const { sentRate = 0, receivedRate = 0, rate, unanswered } = edge.traffic;
  const alarm: Span[] = unanswered > 0 ? [{ text: `✗ ${formatCount(unanswered)}`, style: 'bad' }] : [];
  const span = (text: string): Span => (style === undefined ? { text } : { text, style });
  const spaced = (...parts: readonly Span[]): Line =>
    parts.flatMap((part, i) => (i === 0 ? [part] : [{ text: ' ' }, part]));
  if (rate === undefined || rate <= 0) return alarm.length === 0 ? [] : [[alarm]];
  const way = directionAt(curve, 0.5);
  const sideways = Math.abs(way.x) >= Math.abs(way.y) * 0.6;
  const [forth, back] = sideways ? (way.x > 0 ? ['→', '←'] : ['←', '→']) : way.y > 0 ? ['↓', '↑'] : ['↑', '↓'];
  const sent = span(`${forth} ${formatRate(sentRate)}`);
  const received = span(`${back} ${formatRate(receivedRate)}`);
  const sum = span(formatRate(rate));
  const [more, less] = sentRate >= receivedRate ? [sent, received] : [received, sent];
  const one = Math.min(sentRate, receivedRate) <= 0;
  const texts: Line[][] = [];
  if (!one) texts.push([[more], spaced(less, ...alarm)], [spaced(more, less, ...alarm)]);
  texts.push([spaced(one ? more : sum, ...alarm)]);
  if (alarm.length > 0) texts.push([alarm]);
  return texts;
}
