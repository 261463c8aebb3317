import { type Observable, Subject } from 'rxjs';
import { MAX_AGENT_ROWS, MIN_AGENT_ROWS } from '../model/limits.ts';

/** What an agent that asks for less than it has leaves free, so that it does not meet its limit again with the next flow. */
const HEADROOM = 0.9;

/** The agent has more rows than it may: it is asked for the heaviest `rows`. */
export class TooManyRowsError extends Error {
  readonly rows: number;

  constructor(limit: number) {
    super(`sent more than ${limit} flows`);
    this.name = 'TooManyRows';
    this.rows = Math.max(1, Math.floor(limit * HEADROOM));
  }
}

/** The agent's table is let go, because the process runs out of memory. */
export class ReleasedError extends Error {
  /** What it is to be asked for later. */
  readonly rows: number;

  constructor(held: number) {
    super('let go, because kflow runs out of memory');
    this.name = 'LetGo';
    this.rows = Math.max(1, Math.floor(held / 4));
  }
}

/** One agent's part of the budget. */
export interface RowShare {
  /** How many rows it may have now. */
  readonly limit: number;
  /** The maximum of its kernel's table, as it reports it. */
  maximum: number | undefined;
  /** Its rows are to be let go: so many. */
  readonly released$: Observable<number>;
  /** What it has: kept, and left out. */
  has(rows: number, omitted: number): void;
  release(): void;
}

/**
 * The rows of all agents together. While there is room, each may have what its own table may have. Beyond that they share:
 * those that have little keep it all, and the others have the same number each.
 */
export class RowBudget {
  readonly #total: number;
  readonly #shares = new Set<Share>();
  #sum = 0;

  constructor(total: number) {
    this.#total = total;
  }

  allocate(): RowShare {
    const share = new Share(
      () => this.#level(share),
      (change) => {
        if (this.#shares.has(share)) this.#sum += change;
      },
      () => {
        this.#shares.delete(share);
      },
    );
    this.#shares.add(share);
    return share;
  }

  /** Lets go of the agent that has the most rows. False: none has any. */
  releaseLargest(): boolean {
    let largest: Share | undefined;
    for (const share of this.#shares) if (share.rows > (largest?.rows ?? 0)) largest = share;
    if (largest === undefined) return false;
    const { rows } = largest;
    largest.has(0, 0);
    largest.released$.next(rows);
    return true;
  }

  /** The most that one of these may have, so that all of them fit. */
  #level(share: Share): number {
    if (this.#sum <= this.#total) return this.#total - (this.#sum - share.wanted);
    const wanted = Array.from(this.#shares, (one) => one.wanted).sort((a, b) => a - b);
    let left = this.#total;
    for (const [i, rows] of wanted.entries()) {
      const even = Math.floor(left / (wanted.length - i));
      if (rows > even) return even;
      left -= rows;
    }
    return left;
  }
}

class Share implements RowShare {
  maximum: number | undefined;
  readonly released$ = new Subject<number>();
  rows = 0;
  /** Kept and left out. */
  wanted = 0;
  readonly #level: () => number;
  readonly #changed: (rows: number) => void;
  readonly #left: () => void;

  constructor(level: () => number, changed: (rows: number) => void, left: () => void) {
    this.#level = level;
    this.#changed = changed;
    this.#left = left;
  }

  get limit(): number {
    const own = Math.min(MAX_AGENT_ROWS, Math.max(MIN_AGENT_ROWS, this.maximum ?? 0));
    return Math.min(own, this.#level());
  }

  has(rows: number, omitted: number): void {
    this.#changed(rows + omitted - this.wanted);
    this.rows = rows;
    this.wanted = rows + omitted;
  }

  release(): void {
    this.has(0, 0);
    this.#left();
  }
}
