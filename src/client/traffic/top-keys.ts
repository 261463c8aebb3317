/** Buckets of the histogram: for each doubling of the rate, and in total (2^50 bytes per second). */
const PER_OCTAVE = 64;
const BUCKETS = 50 * PER_OCTAVE;

/**
 * Selects the heaviest of many in one pass without sorting, by the distribution of the rates in the previous pass: two
 * passes are similar.
 */
export class TopSelector {
  /** About this many are selected. */
  readonly #most: number;
  #counts = new Uint32Array(BUCKETS);
  /** The first bucket that is selected. */
  #bound = BUCKETS;

  constructor(most: number) {
    this.#most = most;
  }

  /** Starts a pass over this many. Returns a function that reports whether a rate is among the heaviest. */
  startPass(count: number): (rate: number | undefined) => boolean {
    this.#bound = this.#boundOf();
    this.#counts.fill(0);
    if (count <= this.#most) return () => true;
    return (rate) => {
      if (rate === undefined) return false;
      const bucket = Math.min(BUCKETS - 1, Math.floor(Math.log2(1 + rate) * PER_OCTAVE));
      this.#counts[bucket] = (this.#counts[bucket] ?? 0) + 1;
      return bucket >= this.#bound;
    };
  }

  #boundOf(): number {
    let sum = 0;
    for (let bucket = BUCKETS - 1; bucket >= 0; bucket--) {
      sum += this.#counts[bucket] ?? 0;
      // A rate that many share, such as 0, is not heavy.
      if (sum > this.#most) return bucket + 1;
    }
    // The first pass has no distribution yet and selects nothing.
    return sum === 0 ? BUCKETS : 0;
  }
}
