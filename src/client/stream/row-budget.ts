import { MAX_AGENT_ROWS, MIN_AGENT_ROWS } from '../model/limits.ts';

/** What an agent that asks for less than it has leaves free, so that it does not meet its limit again with the next flow. */
const HEADROOM = 0.9;

/** The agent has more rows than it may: it is asked for the heaviest `rows`. */
export class TooManyRows extends Error {
  readonly rows: number;

  constructor(limit: number) {
    super(`sent more than ${limit} flows`);
    this.name = 'TooManyRows';
    this.rows = Math.max(1, Math.floor(limit * HEADROOM));
  }
}

/** One agent's part of the budget. */
export interface RowShare {
  /** How many rows it may have now. */
  readonly limit: number;
  /** The maximum of its kernel's table, as it reports it. */
  maximum: number | undefined;
  /** What it has: kept, and left out. */
  has(rows: number, omitted: number): void;
  leave(): void;
}

/**
 * The rows of all agents together. While there is room, each may have what its own table may have. Beyond that they share:
 * those that have little keep it all, and the others have the same number each.
 */
export class RowBudget {
  readonly #total: number;
  readonly #wanted = new Map<RowShare, number>();
  #sum = 0;

  constructor(total: number) {
    this.#total = total;
  }

  enter(): RowShare {
    const budget = this;
    const share: RowShare = {
      maximum: undefined,
      get limit() {
        const own = Math.min(MAX_AGENT_ROWS, Math.max(MIN_AGENT_ROWS, this.maximum ?? 0));
        return Math.min(own, budget.#level(this));
      },
      has: (rows, omitted) => budget.#want(share, rows + omitted),
      leave: () => {
        budget.#want(share, 0);
        budget.#wanted.delete(share);
      },
    };
    this.#wanted.set(share, 0);
    return share;
  }

  #want(share: RowShare, rows: number): void {
    const before = this.#wanted.get(share);
    if (before === undefined) return;
    this.#sum += rows - before;
    this.#wanted.set(share, rows);
  }

  /** The most that one of these may have, so that all of them fit. */
  #level(share: RowShare): number {
    const others = this.#sum - (this.#wanted.get(share) ?? 0);
    if (this.#sum <= this.#total) return this.#total - others;
    const wanted = [...this.#wanted.values()].sort((a, b) => a - b);
    let left = this.#total;
    for (const [i, rows] of wanted.entries()) {
      const even = Math.floor(left / (wanted.length - i));
      if (rows > even) return even;
      left -= rows;
    }
    return left;
  }
}
