import type { Snapshot } from '../model/snapshot.ts';

/** The console's interface to a recording in playback. */
export interface Playback {
  /** Sets the history. Called once, before the first snapshot is requested. */
  keep(memory: PlaybackMemory): void;
  status(): PlaybackStatus;
  /** The recording's own clock, in unix milliseconds: it runs at the playback's speed, and stops with it. */
  now(): number;
  /** Pauses or continues; at the end, restarts. */
  togglePause(): void;
  /** Seeks this many steps forward, or back (negative). */
  seek(steps: number): void;
  /** Doubles (or with a negative number halves) the speed this many times. */
  changeSpeed(steps: number): void;
}

/**
 * Records history: rates over time, and since when something fails. It gets each snapshot of the recording once
 * and in order, also those that fast playback skips and those before a seek's position. So the history
 * at a position does not depend on how the operator got there.
 */
export interface PlaybackMemory {
  /** The next snapshot is from another time: forget the history. */
  reset(): void;
  /** Resolves when this snapshot is recorded; the next one waits for it. Undefined: it is recorded already. */
  recordHistory(snapshot: Snapshot): Promise<void> | undefined;
}

export interface PlaybackStatus {
  readonly state: 'playing' | 'paused' | 'ended';
  readonly positionMs: number;
  readonly lengthMs: number;
  /** 1: the original speed. */
  readonly speed: number;
  /** A seek is in progress: the screen still shows the old position. */
  readonly seeking?: boolean;
}

export const SEEK_STEP_MS = 10_000;
