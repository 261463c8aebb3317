import type { Playback, PlaybackStatus } from '../../../../../src/client/recording/playback.ts';
import { AT } from '../../../../terminal/fixed/snapshots.ts';

/** A recording that does what it is reported, and sends no snapshot for it. */
export class StillRecording implements Playback {
  #status: PlaybackStatus = { state: 'paused', positionMs: 60_000, lengthMs: 120_000, speed: 1 };
  keep(): void {}
  status(): PlaybackStatus {
    return this.#status;
  }
  now(): number {
    return AT;
  }
  togglePause(): void {
    this.#status = { ...this.#status, state: this.#status.state === 'playing' ? 'paused' : 'playing' };
  }
  seek(steps: number): void {
    this.#status = { ...this.#status, positionMs: this.#status.positionMs + steps * 10_000 };
  }
  changeSpeed(steps: number): void {
    this.#status = { ...this.#status, speed: this.#status.speed * 2 ** steps };
  }
}
