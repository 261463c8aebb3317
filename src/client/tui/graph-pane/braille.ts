import { type Curve, directionAt, lengthOf, pointAt } from './curve.ts';

/** Eight dots in a cell, two wide and four high; the bits are those of Unicode's braille patterns. */
const DOT_BITS = [
  [0x01, 0x08],
  [0x02, 0x10],
  [0x04, 0x20],
  [0x40, 0x80],
];

/** A picture of braille dots, in which each cell keeps the heaviest ink that touched it. */
export class Braille {
  readonly width: number;
  readonly height: number;
  readonly #bits: Uint8Array;
  readonly #ink: Uint8Array;

  /** In cells. */
  constructor(width: number, height: number) {
    this.width = width;
    this.height = height;
    this.#bits = new Uint8Array(width * height);
    this.#ink = new Uint8Array(width * height);
  }

  dot(x: number, y: number, ink: number): void {
    if (x < 0 || y < 0 || x >= this.width * 2 || y >= this.height * 4) return;
    const cell = (y >> 2) * this.width + (x >> 1);
    this.#bits[cell] = (this.#bits[cell] ?? 0) | (DOT_BITS[y & 3]?.[x & 1] ?? 0);
    if (ink > (this.#ink[cell] ?? 0)) this.#ink[cell] = ink;
  }

  /**
   * Draws a part of a curve, `weight` dots thick. With a `dash` of n, dashes and gaps are n dots long.
   */
  stroke(curve: Curve, start: number, end: number, weight: number, ink: number, dash = 0): void {
    // Two samples per dot leave no gaps in any curve.
    const length = lengthOf(curve) * (end - start);
    const steps = Math.max(1, Math.ceil(length * 2));
    for (let step = 0; step <= steps; step++) {
      if (dash > 0 && Math.floor(((step / steps) * length) / dash) % 2 === 1) continue;
      const t = start + ((end - start) * step) / steps;
      const { x, y } = pointAt(curve, t);
      const way = directionAt(curve, t);
      // Thickness grows across the line's main direction, which keeps it even.
      const flat = Math.abs(way.x) >= Math.abs(way.y);
      for (let layer = 0; layer < weight; layer++) {
        const offset = layer - (weight - 1) / 2;
        this.dot(Math.floor(flat ? x : x + offset), Math.floor(flat ? y + offset : y), ink);
      }
    }
  }

  /** Whether there is ink in a cell. */
  has(x: number, y: number): boolean {
    return x >= 0 && x < this.width && (this.#bits[y * this.width + x] ?? 0) !== 0;
  }

  /** The cell's character, or undefined if it is empty. */
  at(x: number, y: number): { readonly character: string; readonly ink: number } | undefined {
    const cell = y * this.width + x;
    const bits = this.#bits[cell] ?? 0;
    return bits === 0 ? undefined : { character: String.fromCharCode(0x2800 + bits), ink: this.#ink[cell] ?? 0 };
  }
}
