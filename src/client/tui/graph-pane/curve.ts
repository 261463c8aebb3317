import type { PlacedBox } from './slots.ts';

/** Dots of a cell: two wide, four high, so that a dot is about as wide as it is high. */
export const DOTS_X = 2;
export const DOTS_Y = 4;

export interface Point {
  readonly x: number;
  readonly y: number;
}

/** A quadratic Bézier curve, in dots. */
export interface Curve {
  readonly from: Point;
  readonly control: Point;
  readonly to: Point;
}

export function centerOf({ x, y, width, height }: PlacedBox): Point {
  return { x: (x + width / 2) * DOTS_X, y: (y + height / 2) * DOTS_Y };
}

/** A curve from one point to another; `bend` is its height over its length, to the left of its direction if positive. */
export function curveBetween(from: Point, to: Point, bend: number): Curve {
  const control = {
    x: (from.x + to.x) / 2 + (to.y - from.y) * bend * 2,
    y: (from.y + to.y) / 2 - (to.x - from.x) * bend * 2,
  };
  return { from, control, to };
}

/** `t` from 0 to 1. */
export function pointAt({ from, control, to }: Curve, t: number): Point {
  const a = (1 - t) * (1 - t);
  const b = 2 * t * (1 - t);
  const c = t * t;
  return { x: a * from.x + b * control.x + c * to.x, y: a * from.y + b * control.y + c * to.y };
}

/** The direction of the curve at `t`; not normalized. */
export function directionAt({ from, control, to }: Curve, t: number): Point {
  return {
    x: (1 - t) * (control.x - from.x) + t * (to.x - control.x),
    y: (1 - t) * (control.y - from.y) + t * (to.y - control.y),
  };
}

/** An upper bound of the curve's length. */
export function lengthOf({ from, control, to }: Curve): number {
  return Math.hypot(control.x - from.x, control.y - from.y) + Math.hypot(to.x - control.x, to.y - control.y);
}

/** Whether a point is in a box, or less than `margin` cells beside it. */
export function contains({ x, y, width, height }: PlacedBox, point: Point, margin = 0): boolean {
  const column = point.x / DOTS_X;
  const row = point.y / DOTS_Y;
  return (
    column >= x - margin && column < x + width + margin && row >= y - margin * 0.5 && row < y + height + margin * 0.5
  );
}

/** The part of a curve that is outside of the boxes at its ends: from and to which `t`. */
export function visible(
  curve: Curve,
  from: PlacedBox,
  to: PlacedBox,
): { readonly start: number; readonly end: number } {
  const step = 1 / Math.max(8, Math.ceil(lengthOf(curve)));
  let start = 0;
  while (start < 1 && contains(from, pointAt(curve, start))) start += step;
  let end = 1;
  while (end > start && contains(to, pointAt(curve, end))) end -= step;
  return { start: Math.min(start, end), end };
}
