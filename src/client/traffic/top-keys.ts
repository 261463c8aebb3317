/** Of the histogram: buckets for each doubling of the rate, and in all (2^50 bytes per second). */
const PER_OCTAVE = 64;
const BUCKETS = 50 * PER_OCTAVE;

/**
 * Picks the heaviest of many in one pass, without sorting, by how the rates were distributed the time before: those of two
 * passes are much the same.
 */
export class TopSelector {
  /** About so many. */
  readonly #most: number;
  #counts = new Uint32Array(BUCKETS);
  /** The first bucket that is picked. */
  #bound = BUCKETS;

  constructor(most: number) {
    this.#most = most;
  }

  /** Begins a pass over so many; what is returned says of a rate whether it is among the heaviest. */
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
      // What many share, as no traffic at all, is not heavy.
      if (sum > this.#most) return bucket + 1;
    }
    // Nothing is known of a first pass: none of it is picked.
    return sum === 0 ? BUCKETS : 0;
  }
}
