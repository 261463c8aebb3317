import type { WatchedNodes } from './expected-observers.ts';

/**
 * An incomplete connection is held for at most this time, so that it is on the screen within three seconds: the
 * next snapshot and drawing take the rest.
 */
const MAX_HOLD_MS = 2_700;
/** A missing hop comes with the agent's next poll, or with the one after that. */
const POLLS = 2;

interface Hold {
  readonly since: number;
  /** The awaited nodes, with the number of polls that their agents had reported. */
  readonly polls: Map<string, number>;
}

/** Incomplete connections that are not shown yet, because a missing hop may still come. Connections are rows. No clocks of agents are compared. */
export class HeldConnections {
  readonly #held = new Map<number, Hold>();

  get rows(): Iterable<number> {
    return this.#held.keys();
  }

  /** When the first of them must be shown, by the clock of `now`. */
  get dueAt(): number | undefined {
    // The map is in the order of arrival.
    for (const { since } of this.#held.values()) return since + MAX_HOLD_MS;
    return undefined;
  }

  /** Whether to wait for the hops of these nodes. */
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

  /** The rows that no longer have to wait. */
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
