import type { WatchedNodes } from './expected-observers.ts';

/**
 * A half is shown on its own this long after it came, at the latest, so that it is on the screen within three seconds: the
 * next snapshot and its drawing take the rest.
 */
const MAX_HOLD_MS = 2_700;
/** What a node sees of a connection comes with its agent's next poll, or, if the two crossed, with the one after. */
const POLLS = 2;

interface Hold {
  readonly since: number;
  /** Of nodes that are waited for: how many polls their agents had reported. */
  readonly polls: Map<string, number>;
}

/** Connections of which a half may be on its way: rows that are not shown yet. No clocks are compared. */
export class HeldConnections {
  readonly #held = new Map<number, Hold>();

  get rows(): Iterable<number> {
    return this.#held.keys();
  }

  /** By the clock of `now`: when the first of them is to be shown at the latest. */
  get dueAt(): number | undefined {
    // In the order in which they came.
    for (const { since } of this.#held.values()) return since + MAX_HOLD_MS;
    return undefined;
  }

  /** Whether to wait for what these nodes may yet tell. */
  wait(row: number, nodes: readonly string[], watched: WatchedNodes, now: number): boolean {
    if (!nodes.some((node) => watched.isAwaited(node))) {
      this.#held.delete(row);
      return false;
    }
    let hold = this.#held.get(row);
    if (hold === undefined) {
      hold = { since: now, polls: new Map() };
      this.#held.set(row, hold);
    }
    for (const node of hold.polls.keys()) if (!nodes.includes(node)) hold.polls.delete(node);
    for (const node of nodes) if (!hold.polls.has(node)) hold.polls.set(node, watched.polls(node));
    return !this.#isOver(row, hold, watched, now);
  }

  /** The rows that need not wait any more. */
  release(watched: WatchedNodes, now: number): number[] {
    const over: number[] = [];
    for (const [row, hold] of this.#held) if (this.#isOver(row, hold, watched, now)) over.push(row);
    return over;
  }

  forget(row: number): void {
    this.#held.delete(row);
  }

  #isOver(row: number, { since, polls }: Hold, watched: WatchedNodes, now: number): boolean {
    const isWaiting =
      now - since < MAX_HOLD_MS &&
      [...polls].some(([node, before]) => watched.isAwaited(node) && watched.polls(node) < before + POLLS);
    if (!isWaiting) this.#held.delete(row);
    return !isWaiting;
  }
}
