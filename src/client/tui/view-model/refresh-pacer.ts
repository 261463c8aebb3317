/** Making what is shown takes at most one part in so many of the time, as long as what is shown is not too old for that. */
const SHARE = 5;
const MAX_REST_MS = 500;
/** What is shown is never older than the newest snapshot by more than this, if the machine can do it at all. */
const MAX_BEHIND_MS = 800;
/** Behind by more than this, what is being made is finished before anything else is begun. */
const FINISH_AFTER_MS = 250;
/** Between two slices of work, keys have their turn. */
const SLICE_MS = 6;
/** Where keys and drawing take most of the time, longer slices are what gets the work done in time. */
const LATE_SLICE_MS = 20;
const LATE_MS = 450;

/**
 * When to make what is shown again: seldom enough to leave the time to others, soon enough for the newest snapshot to be on
 * the screen within a second, whatever else is asked for meanwhile. Times are those of `performance.now()`.
 */
export class RefreshPacer {
  /** Not before this, for the sake of others. */
  #restUntil = 0;
  /** When the first snapshot came that is newer than what is shown. */
  #behindSince: number | undefined;
  /** The same, of the ones that are newer than what is being made. */
  #nextSince: number | undefined;
  #began = 0;
  #lastMs = 0;

  /** There is a newer snapshot. */
  snapshotArrived(now: number): void {
    this.#behindSince ??= now;
    this.#nextSince ??= now;
  }

  /** The newest snapshot is being made. */
  workStarted(now: number): void {
    this.#nextSince = undefined;
    this.#began = now;
  }

  /** What was begun is shown. */
  workDone(now: number): void {
    this.#behindSince = this.#nextSince;
    this.#lastMs = now - this.#began;
  }

  /** So much time was spent. */
  timeSpent(now: number, ms: number): void {
    this.#restUntil = Math.min(now + MAX_REST_MS, Math.max(this.#restUntil, now) + ms * SHARE);
  }

  /** For how long there has been something newer than what is shown. */
  behindMs(now: number): number {
    return this.#behindSince === undefined ? 0 : now - this.#behindSince;
  }

  /** When to begin with what has come: at the latest so early that it is done in time, if it takes as long as the last. */
  get dueAt(): number {
    const since = this.#behindSince ?? Number.POSITIVE_INFINITY;
    return Math.min(this.#restUntil, since + Math.max(0, MAX_BEHIND_MS - this.#lastMs));
  }

  /** Whether what is being made may be given up for what a key asks for. */
  mayRestart(now: number): boolean {
    return this.behindMs(now) < FINISH_AFTER_MS;
  }

  sliceMs(now: number): number {
    return this.behindMs(now) < LATE_MS ? SLICE_MS : LATE_SLICE_MS;
  }
}
