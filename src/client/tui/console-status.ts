import type { Snapshot } from '../model/snapshot.ts';
import type { PlaybackStatus } from '../recording/playback.ts';

/**
 * A console's status for measuring programs: one line of `--debug-status`. The fields are part of kflow's contract.
 * Ages are milliseconds of real time, at every speed of a recording. Unknown values are absent.
 */
export interface ConsoleStatus {
  /** Unix time in milliseconds. */
  readonly at: number;
  readonly agentsLive: number;
  readonly agentsKnown: number;
  readonly connections: number;
  /** The age of the newest snapshot. */
  readonly snapshotAgeMs?: number;
  /** The age of the snapshot on the screen. */
  readonly shownAgeMs?: number;
  /** For how long there has been a newer snapshot than the one on the screen; 0: there is none. */
  readonly behindMs: number;
  /** The maximum of it since the previous line. */
  readonly maxBehindMs: number;
  /** Screens drawn so far. */
  readonly frames: number;
  /** When the last one was drawn (unix time in milliseconds), and how long that took. */
  readonly lastFrameAt?: number;
  readonly lastFrameMs?: number;
  /** Of a recording. */
  readonly state?: PlaybackStatus['state'];
  readonly positionMs?: number;
  readonly speed?: number;
}

/** The times of the shown and of the newest snapshot. */
export interface Freshness {
  /** Unix time in milliseconds, by the clock of the session. */
  readonly now: number;
  /** Undefined: no snapshot has come yet. */
  readonly latest: Snapshot | undefined;
  readonly shown: Snapshot | undefined;
  readonly behindMs: number;
  readonly playback?: PlaybackStatus | undefined;
}

/** Counts frames, and tracks the age of their data from one line to the next. */
export class StatusMeter {
  #frames = 0;
  #last: { readonly at: number; readonly ms: number } | undefined;
  #maxBehindMs = 0;

  drawn(ms: number): void {
    this.#frames++;
    this.#last = { at: Date.now(), ms };
  }

  /** Call it whenever the screen may have changed. */
  behind(ms: number): void {
    this.#maxBehindMs = Math.max(this.#maxBehindMs, ms);
  }

  read({ now, latest, shown, behindMs, playback }: Freshness): ConsoleStatus {
    this.behind(behindMs);
    const maxBehindMs = Math.round(this.#maxBehindMs);
    this.#maxBehindMs = 0;
    const { speed = 1, state, positionMs } = playback ?? {};
    const age = (snapshot: Snapshot) => Math.max(0, Math.round((now - snapshot.at) / speed));
    return {
      at: Date.now(),
      agentsLive: latest?.agents.filter(({ status }) => status.kind === 'live').length ?? 0,
      agentsKnown: latest?.agents.length ?? 0,
      connections: latest?.connections.length ?? 0,
      ...(latest === undefined ? {} : { snapshotAgeMs: age(latest) }),
      ...(shown === undefined ? {} : { shownAgeMs: age(shown) }),
      behindMs: Math.round(behindMs),
      maxBehindMs,
      frames: this.#frames,
      ...(this.#last === undefined
        ? {}
        : { lastFrameAt: this.#last.at, lastFrameMs: Number(this.#last.ms.toFixed(2)) }),
      ...(state === undefined ? {} : { state, positionMs: Math.round(positionMs ?? 0), speed }),
    };
  }
}
