import type { Snapshot } from '../model/snapshot.ts';

/** A recording that is being played, as the console sees it. */
export interface Playback {
  /** Names who remembers what was seen. Called once, before the first snapshot is asked for. */
  keep(memory: PlaybackMemory): void;
  status(): PlaybackStatus;
  /** The recording's own clock, in unix milliseconds: it goes as fast as the playback, and stands still with it. */
  now(): number;
  /** Pauses or continues; at the end, restarts. */
  togglePause(): void;
  /** So many steps forth, or back. */
  seek(steps: number): void;
  /** So many times twice, or half as fast. */
  changeSpeed(steps: number): void;
}

/**
 * Remembers what was seen so far: rates over time, since when something fails. It sees each snapshot of the recording once
 * and in order, also those that fast playback does not show and those before the place that was sought. So what is known
 * at a moment does not depend on how one came there.
 */
export interface PlaybackMemory {
  /** What comes next is of another time: nothing that was seen is before it. */
  reset(): void;
  /** The next snapshot is passed on only when this one is noted. Undefined: it already is. */
  recordHistory(snapshot: Snapshot): Promise<void> | undefined;
}

export interface PlaybackStatus {
  readonly state: 'playing' | 'paused' | 'ended';
  readonly positionMs: number;
  readonly lengthMs: number;
  /** 1: as it was. */
  readonly speed: number;
  /** The place was just sought: what is shown is still of another. */
  readonly seeking?: boolean;
}

export const SEEK_STEP_MS = 10_000;
