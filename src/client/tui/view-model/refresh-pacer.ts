/** Building the view model takes at most this part (1/SHARE) of the time, unless the screen is too old. */
const SHARE = 5;
const MAX_REST_MS = 500;
/** The shown snapshot is never older than the newest by more than this, if the machine is fast enough. */
const MAX_BEHIND_MS = 800;
/** If the screen is behind by more than this, the current build is finished before another one starts. */
const FINISH_AFTER_MS = 250;
/** Keys are handled between two slices of work. */
const SLICE_MS = 6;
/** If keys and drawing take most of the time, longer slices finish the work in time. */
const LATE_SLICE_MS = 20;
const LATE_MS = 450;

/**
 * Decides when to rebuild the view model: rarely enough to leave time for other work, and soon enough for the newest snapshot to be on
 * the screen within a second. Times are those of `performance.now()`.
 */
export class RefreshPacer {
  /** The earliest start, to leave time for other work. */
  #restUntil = 0;
  /** When the first snapshot came that is newer than the shown one. */
  #behindSince: number | undefined;
  /** The same for snapshots that are newer than the one being built. */
  #nextSince: number | undefined;
  #began = 0;
  #lastMs = 0;

  /** There is a newer snapshot. */
  snapshotArrived(now: number): void {
    this.#behindSince ??= now;
    this.#nextSince ??= now;
  }

  /** The build of the newest snapshot has started. */
  workStarted(now: number): void {
    this.#nextSince = undefined;
    this.#began = now;
  }

  /** The built snapshot is shown. */
  workDone(now: number): void {
    this.#behindSince = this.#nextSince;
    this.#lastMs = now - this.#began;
  }

  /** Adds time that was spent. */
  timeSpent(now: number, ms: number): void {
    this.#restUntil = Math.min(now + MAX_REST_MS, Math.max(this.#restUntil, now) + ms * SHARE);
  }

  /** How long a newer snapshot than the shown one has been waiting. */
  behindMs(now: number): number {
    return this.#behindSince === undefined ? 0 : now - this.#behindSince;
  }

  /** When to start the next build: at the latest so early that it finishes in time, if it takes as long as the last one. */
  get dueAt(): number {
    const since = this.#behindSince ?? Number.POSITIVE_INFINITY;
    return Math.min(this.#restUntil, since + Math.max(0, MAX_BEHIND_MS - this.#lastMs));
  }

  /** Whether the current build may be replaced by the request of a key. */
  mayRestart(now: number): boolean {
    return this.behindMs(now) < FINISH_AFTER_MS;
  }

  sliceMs(now: number): number {
    return this.behindMs(now) < LATE_MS ? SLICE_MS : LATE_SLICE_MS;
  }
}
