/** A recording that is being played, as the console sees it. */
export interface Playback {
  status(): PlaybackStatus;
  /** The recording's own clock, in unix milliseconds: it goes as fast as the playback, and stands still with it. */
  now(): number;
  /** Pauses or goes on; at the end, begins anew. */
  toggle(): void;
  /** So many steps forth, or back. */
  seek(steps: number): void;
  /** So many times twice, or half as fast. */
  accelerate(steps: number): void;
}

export interface PlaybackStatus {
  readonly state: 'playing' | 'paused' | 'ended';
  readonly positionMs: number;
  readonly lengthMs: number;
  /** 1: as it was. */
  readonly speed: number;
  /** Grows with each jump: what was noted before is then of another time. */
  readonly jumps: number;
}

export const SEEK_STEP_MS = 10_000;
