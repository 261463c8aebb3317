import { type Observable, Subject } from 'rxjs';
import { MAX_AGENT_ROWS, MIN_AGENT_ROWS } from '../model/limits.ts';

/** An agent over its limit is asked for a little less, so that the next flow does not exceed the limit again. */
const HEADROOM_RATIO = 0.9;

/** The agent has more rows than its limit: ask it for the `rows` heaviest. */
export class TooManyRowsError extends Error {
  readonly rows: number;

  constructor(limit: number) {
    super(`sent more than ${limit} flows`);
    this.name = 'TooManyRowsError';
    this.rows = Math.max(1, Math.floor(limit * HEADROOM_RATIO));
  }
}

/** The agent's table was dropped because the process runs out of memory. */
export class TableDroppedError extends Error {
  /** How many rows to ask for later. */
  readonly rows: number;

  constructor(held: number) {
    super('table dropped: kflow is low on memory');
    this.name = 'TableDroppedError';
    this.rows = Math.max(1, Math.floor(held / 4));
  }
}

/** One agent's part of the budget. */
export interface RowShare {
  /** How many rows the agent may have now. */
  readonly limit: number;
  /** The maximum of the kernel's table, as the agent reports it. */
  maximum: number | undefined;
  /** Emits the number of rows when they must be dropped. */
  readonly dropped$: Observable<number>;
  /** Sets how many rows are kept, and how many the agent left out. */
  setRows(rows: number, omitted: number): void;
  release(): void;
}

/**
 * The rows of all agents together. While there is room, each agent may have as many as its own table. Beyond that they share:
 * small tables keep all rows, and the others get an equal number each.
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

  /** Drops the rows of the agent that has the most. False: no agent has any. */
  dropLargest(): boolean {
    let largest: Share | undefined;
    for (const share of this.#shares) if (share.rows > (largest?.rows ?? 0)) largest = share;
    if (largest === undefined) return false;
    const { rows } = largest;
    largest.setRows(0, 0);
    largest.dropped$.next(rows);
    return true;
  }

  /** The largest number of rows that each agent may have so that all fit. */
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
  readonly dropped$ = new Subject<number>();
  rows = 0;
  /** Rows kept, and rows that the agent left out. */
  wanted = 0;
  readonly #level: () => number;
  readonly #changed: (rows: number) => void;
  readonly #onRelease: () => void;

  constructor(level: () => number, changed: (rows: number) => void, left: () => void) {
    this.#level = level;
    this.#changed = changed;
    this.#onRelease = left;
  }

  get limit(): number {
    const own = Math.min(MAX_AGENT_ROWS, Math.max(MIN_AGENT_ROWS, this.maximum ?? 0));
    return Math.min(own, this.#level());
  }

  setRows(rows: number, omitted: number): void {
    this.#changed(rows + omitted - this.wanted);
    this.rows = rows;
    this.wanted = rows + omitted;
  }

  release(): void {
    this.setRows(0, 0);
    this.#onRelease();
  }
}
