/** The longest that work for one peer holds the event loop before others have their turn, give or take one message. */
const SLICE_MS = 8;
/** Turns that a peer misses at most for what its last messages took. */
const MAX_DEBT_MS = 200;

/** A peer whose work is done in turns. */
export interface Peer {
  /** Milliseconds that it took beyond its turns. */
  debtMs: number;
}

interface Work {
  readonly peer: Peer;
  readonly run: () => void;
}

/**
 * Work of many peers, in turns, first come first served: who sends much in one message misses turns for that, and the event loop is
 * left to others after some milliseconds. It never refuses work: who waits is not read from.
 */
export class TurnQueue {
  #waiting: Work[] = [];
  #scheduled = false;
  readonly #clock: () => number;

  constructor(clock: () => number = () => performance.now()) {
    this.#clock = clock;
  }

  /** `run` must not throw. */
  add(peer: Peer, run: () => void): void {
    this.#waiting.push({ peer, run });
    this.#schedule();
  }

  #schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    setImmediate(() => {
      this.#scheduled = false;
      this.#serve();
    });
  }

  #serve(): void {
    const began = this.#clock();
    for (let work = this.#next(); work !== undefined; work = this.#next()) {
      const { peer, run } = work;
      const start = this.#clock();
      run();
      const now = this.#clock();
      peer.debtMs = Math.min(MAX_DEBT_MS, Math.max(0, peer.debtMs + now - start - SLICE_MS));
      if (now - began >= SLICE_MS) break;
    }
    if (this.#waiting.length > 0) this.#schedule();
  }

  /** The first that owes nothing; each one that does has then missed a turn. */
  #next(): Work | undefined {
    const [first] = this.#waiting;
    if (first === undefined) return undefined;
    if (this.#waiting.length > 1 && this.#waiting.some(({ peer }) => peer.debtMs > 0)) {
      const at = this.#waiting.findIndex(({ peer }) => peer.debtMs <= 0);
      if (at < 0) {
        const least = Math.min(...this.#waiting.map(({ peer }) => peer.debtMs));
        for (const { peer } of this.#waiting) peer.debtMs -= least;
        return this.#next();
      }
      for (const { peer } of this.#waiting.slice(0, at)) peer.debtMs -= SLICE_MS;
      return this.#waiting.splice(at, 1)[0];
    }
    this.#waiting.shift();
    return first;
  }
}
