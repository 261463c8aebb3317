/** After this time the event loop is left to others; one message may exceed it. */
const SLICE_MS = 8;
/** The most time that a peer has to make up for by missing turns. */
const MAX_DEBT_MS = 200;

/** A peer whose messages are processed in turns. */
export interface Peer {
  /** Milliseconds that its work took beyond its turns. */
  debtMs: number;
}

interface Work {
  readonly peer: Peer;
  readonly run: () => void;
}

/**
 * Runs the work of many peers in turns, first come first served. A peer whose message takes long misses turns, and the event loop is
 * left to others after some milliseconds. Work is never refused: a waiting peer is not read from.
 */
export class PeerScheduler {
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

  /** The first work whose peer has no debt; the peers before it then miss a turn. */
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
