import { Observable, share } from 'rxjs';
import type { Snapshot } from '../model.ts';
import { type Clock, realClock } from './clock.ts';
import { type Playback, type PlaybackStatus, SEEK_STEP_MS } from './playback.ts';
import type { Moment, Recording } from './recording.ts';

const LEAST_SPEED = 1 / 8;
const MOST_SPEED = 64;
/** After a jump, what was before is told too, as far as this, once a second: charts show rates over time. */
const LEAD_MS = 60_000;

/** What a player needs of a recording. */
export type Playable = Pick<Recording, 'lengthMs' | 'moments'>;

export interface PlayerOptions {
  /** Where to begin, in milliseconds from the start. */
  readonly fromMs?: number;
  readonly speed?: number;
  readonly clock?: Clock;
}

/** Plays a recording as if it were live: at its own pace, or as its operator would have it. */
export class Player implements Playback {
  /** Begins when it is first subscribed, and stays at the last one: never completes. */
  readonly snapshots$: Observable<Snapshot>;
  readonly #recording: Playable;
  readonly #clock: Clock;
  #state: PlaybackStatus['state'] = 'playing';
  #speed: number;
  /** Where it was, and when: from there on it goes by the clock. */
  #anchor: { positionMs: number; at: number };
  #jumpTo: number | undefined;
  #jumps = 0;
  /** What was told last. */
  #shown: Moment | undefined;
  #wake = new AbortController();

  constructor(recording: Playable, { fromMs = 0, speed = 1, clock = realClock }: PlayerOptions = {}) {
    this.#recording = recording;
    this.#speed = speed;
    this.#clock = clock;
    this.#jumpTo = Math.min(fromMs, recording.lengthMs);
    this.#anchor = { positionMs: this.#jumpTo, at: clock.now() };
    this.snapshots$ = new Observable<Snapshot>((subscriber) => {
      const closed = new AbortController();
      this.#play((snapshot) => subscriber.next(snapshot), closed.signal).catch((error) => subscriber.error(error));
      return () => {
        closed.abort();
        this.#wake.abort();
      };
    }).pipe(share());
  }

  status(): PlaybackStatus {
    return {
      state: this.#state,
      positionMs: this.#position(),
      lengthMs: this.#recording.lengthMs,
      speed: this.#speed,
      jumps: this.#jumps,
    };
  }

  now(): number {
    if (this.#shown === undefined) return 0;
    return this.#shown.snapshot.at + Math.max(0, this.#position() - this.#shown.elapsedMs);
  }

  toggle(): void {
    if (this.#state === 'ended') this.#jump(0);
    const going = this.#state === 'playing';
    this.#settle();
    this.#state = going ? 'paused' : 'playing';
    this.#wakeUp();
  }

  seek(steps: number): void {
    this.#jump(this.#position() + steps * SEEK_STEP_MS);
    if (this.#state === 'ended') this.#state = 'playing';
    this.#wakeUp();
  }

  accelerate(steps: number): void {
    this.#settle();
    this.#speed = Math.max(LEAST_SPEED, Math.min(MOST_SPEED, this.#speed * 2 ** steps));
    this.#wakeUp();
  }

  #position(): number {
    const { positionMs, at } = this.#anchor;
    if (this.#state !== 'playing') return positionMs;
    return Math.min(this.#recording.lengthMs, positionMs + (this.#clock.now() - at) * this.#speed);
  }

  /** From here on by another pace. */
  #settle(positionMs = this.#position()): void {
    this.#anchor = { positionMs, at: this.#clock.now() };
  }

  #jump(toMs: number): void {
    this.#jumpTo = Math.max(0, Math.min(this.#recording.lengthMs, toMs));
    this.#settle(this.#jumpTo);
  }

  #wakeUp(): void {
    this.#wake.abort();
    this.#wake = new AbortController();
  }

  async #play(tell: (snapshot: Snapshot) => void, closed: AbortSignal): Promise<void> {
    let moments = this.#recording.moments();
    let next: Moment | undefined;
    while (!closed.aborted) {
      const wake = this.#wake.signal;
      if (this.#jumpTo !== undefined) {
        const to = this.#jumpTo;
        this.#jumpTo = undefined;
        await moments.return();
        moments = this.#recording.moments(Math.max(0, to - LEAD_MS));
        next = await this.#lead(moments, to, tell, closed);
        // What it took to get there is no part of the recording's time.
        if (this.#jumpTo === undefined) this.#settle(to);
        continue;
      }
      if (next === undefined) {
        if (this.#state === 'playing') await this.#toTheEnd(wake);
        else await this.#clock.sleep(Number.POSITIVE_INFINITY, wake);
        continue;
      }
      if (this.#state !== 'playing') {
        await this.#clock.sleep(Number.POSITIVE_INFINITY, wake);
        continue;
      }
      const wait = (next.elapsedMs - this.#position()) / this.#speed;
      if (wait > 0) {
        await this.#clock.sleep(wait, wake);
        continue;
      }
      this.#tell(next, tell);
      next = await following(moments);
    }
    await moments.return();
  }

  /** Tells what was before the moment, and at it. Gives what comes next. */
  async #lead(
    moments: AsyncGenerator<Moment, void>,
    toMs: number,
    tell: (snapshot: Snapshot) => void,
    closed: AbortSignal,
  ): Promise<Moment | undefined> {
    this.#jumps++;
    let held: Moment | undefined;
    let next = await following(moments);
    while (next !== undefined && (held === undefined || next.elapsedMs <= toMs)) {
      if (held !== undefined && held.elapsedMs >= toMs - LEAD_MS && secondOf(held) !== secondOf(next))
        this.#tell(held, tell);
      held = next;
      next = await following(moments);
      // Another jump: this one is of no more use.
      if (this.#jumpTo !== undefined || closed.aborted) return next;
    }
    if (held !== undefined) this.#tell(held, tell);
    return next;
  }

  #tell(moment: Moment, tell: (snapshot: Snapshot) => void): void {
    this.#shown = moment;
    tell(moment.snapshot);
  }

  async #toTheEnd(wake: AbortSignal): Promise<void> {
    const left = (this.#recording.lengthMs - this.#position()) / this.#speed;
    if (left > 0) await this.#clock.sleep(left, wake);
    if (wake.aborted) return;
    this.#settle(this.#recording.lengthMs);
    this.#state = 'ended';
  }
}

function secondOf({ snapshot }: Moment): number {
  return Math.floor(snapshot.at / 1000);
}

async function following(moments: AsyncGenerator<Moment, void>): Promise<Moment | undefined> {
  const { done, value } = await moments.next();
  return done ? undefined : value;
}
