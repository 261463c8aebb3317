/** Eight dots in a cell, two wide and four high; the bits are those of Unicode's braille patterns. */
const DOT_BITS = [
  [0x01, 0x08],
  [0x02, 0x10],
  [0x04, 0x20],
  [0x40, 0x80],
];

/** A dotted picture, in which each cell remembers the heaviest ink that touched it. */
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
   * A line from dot to dot, `weight` dots thick. A `dash` of n leaves every other n dots out.
   */
  line(x0: number, y0: number, x1: number, y1: number, weight: number, ink: number, dash = 0): void {
    const dx = x1 - x0;
    const dy = y1 - y0;
    const steps = Math.max(1, Math.round(Math.max(Math.abs(dx), Math.abs(dy))));
    // Thickness grows across the line's main direction, which keeps it even.
    const flat = Math.abs(dx) >= Math.abs(dy);
    for (let step = 0; step <= steps; step++) {
      if (dash > 0 && Math.floor(step / dash) % 2 === 1) continue;
      const x = Math.round(x0 + (dx * step) / steps);
      const y = Math.round(y0 + (dy * step) / steps);
      for (let layer = 0; layer < weight; layer++) {
        const offset = layer % 2 === 1 ? (layer + 1) / 2 : -layer / 2;
        this.dot(flat ? x : x + offset, flat ? y + offset : y, ink);
      }
    }
  }

  /** The cell's character, or undefined where it is empty. */
  at(x: number, y: number): { readonly character: string; readonly ink: number } | undefined {
    const cell = y * this.width + x;
    const bits = this.#bits[cell] ?? 0;
    return bits === 0 ? undefined : { character: String.fromCharCode(0x2800 + bits), ink: this.#ink[cell] ?? 0 };
  }
}
