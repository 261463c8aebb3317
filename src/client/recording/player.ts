import { setImmediate } from 'node:timers/promises';
import { Observable, share } from 'rxjs';
import type { Snapshot } from '../model/snapshot.ts';
import { type Clock, systemClock } from './clock.ts';
import { type Playback, type PlaybackMemory, type PlaybackStatus, SEEK_STEP_MS } from './playback.ts';
import type { RecordedSnapshot, Recording } from './recording.ts';

const MIN_SPEED = 1 / 8;
const MAX_SPEED = 64;
/** After a seek this much earlier history is read: charts go back ten minutes. */
export const MEMORY_MS = 11 * 60_000;
/** Snapshots are shown at most this often. Fast playback records those in between without showing them. */
const SHOW_INTERVAL_MS = 50;
/** If reading takes longer than this, an earlier snapshot is shown in between. */
const CATCH_UP_MS = 100;
/** If reading is slower than the speed, the clock waits: it is never further ahead of the data than this. */
const MAX_AHEAD_MS = 200;
/** Keys are handled between two slices of reading. */
const SLICE_MS = 8;

/** A player's interface to a recording. */
export type Playable = Pick<Recording, 'lengthMs' | 'snapshots'>;

export interface PlayerOptions {
  /** Where to begin, in milliseconds from the start. */
  readonly fromMs?: number;
  readonly speed?: number;
  readonly clock?: Clock;
}

type Show = (snapshot: Snapshot) => void;

/** Plays a recording as if it were live, at its original or another speed. */
export class Player implements Playback {
  /** Starts at the first subscription, and stays at the last snapshot: never completes. */
  readonly snapshots$: Observable<Snapshot>;
  readonly #recording: Playable;
  readonly #clock: Clock;
  #memory: PlaybackMemory | undefined;
  #state: PlaybackStatus['state'] = 'playing';
  #speed: number;
  /** A position and its time: the clock continues from there. */
  #anchor: { positionMs: number; at: number };
  #jumpTo: number | undefined;
  /** True from a seek until its position is shown. The clock stops meanwhile. */
  #seeking = true;
  /** The last recorded snapshot. */
  #noted: RecordedSnapshot | undefined;
  #shown: RecordedSnapshot | undefined;
  #shownAt = Number.NEGATIVE_INFINITY;
  #sliceBegan = performance.now();
  #wake = new AbortController();

  constructor(recording: Playable, { fromMs = 0, speed = 1, clock = systemClock }: PlayerOptions = {}) {
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

  keep(memory: PlaybackMemory): void {
    this.#memory = memory;
  }

  status(): PlaybackStatus {
    return {
      state: this.#state,
      positionMs: this.#position(),
      lengthMs: this.#recording.lengthMs,
      speed: this.#speed,
      ...(this.#seeking ? { seeking: true } : {}),
    };
  }

  now(): number {
    if (this.#shown === undefined) return 0;
    if (this.#seeking) return this.#shown.snapshot.at;
    return this.#shown.snapshot.at + Math.max(0, this.#position() - this.#shown.elapsedMs);
  }

  togglePause(): void {
    if (this.#state === 'ended') this.#jump(0);
    const going = this.#state === 'playing';
    this.#setPosition();
    this.#state = going ? 'paused' : 'playing';
    this.#wakeUp();
  }

  seek(steps: number): void {
    this.#jump(this.#position() + steps * SEEK_STEP_MS);
    if (this.#state === 'ended') this.#state = 'playing';
    this.#wakeUp();
  }

  changeSpeed(steps: number): void {
    this.#setPosition();
    this.#speed = Math.max(MIN_SPEED, Math.min(MAX_SPEED, this.#speed * 2 ** steps));
    this.#wakeUp();
  }

  #position(): number {
    const { positionMs, at } = this.#anchor;
    if (this.#state !== 'playing' || this.#seeking) return positionMs;
    return Math.min(this.#recording.lengthMs, positionMs + (this.#clock.now() - at) * this.#speed);
  }

  /** Continues at another speed. */
  #setPosition(positionMs = this.#position()): void {
    this.#anchor = { positionMs, at: this.#clock.now() };
  }

  #jump(toMs: number): void {
    this.#jumpTo = Math.max(0, Math.min(this.#recording.lengthMs, toMs));
    this.#seeking = true;
    this.#setPosition(this.#jumpTo);
  }

  #wakeUp(): void {
    this.#wake.abort();
    this.#wake = new AbortController();
  }

  async #play(show: Show, closed: AbortSignal): Promise<void> {
    let moments = this.#recording.snapshots();
    let next: RecordedSnapshot | undefined;
    while (!closed.aborted) {
      const wake = this.#wake.signal;
      if (this.#jumpTo !== undefined) {
        const to = this.#jumpTo;
        this.#jumpTo = undefined;
        if (!this.#isAhead(to)) {
          await moments.return();
          moments = this.#recording.snapshots(Math.max(0, to - MEMORY_MS));
          this.#memory?.reset();
          this.#noted = undefined;
          next = await following(moments);
        }
        next = await this.#readTo(to, moments, next, closed);
        if (this.#jumpTo !== undefined || closed.aborted) continue;
        this.#show(show);
        this.#seeking = false;
        // The time for the seek does not count as playback time.
        this.#setPosition(to);
        continue;
      }
      if (next !== undefined && next.elapsedMs <= this.#position()) {
        const pause = this.#shownAt + SHOW_INTERVAL_MS - this.#clock.now();
        if (pause > 0 && this.#state === 'playing') await this.#clock.sleep(pause, wake);
        else next = await this.#playDue(moments, next, show, closed);
        continue;
      }
      if (this.#state !== 'playing') await this.#clock.sleep(Number.POSITIVE_INFINITY, wake);
      else if (next === undefined) await this.#waitAtEnd(wake);
      else await this.#clock.sleep((next.elapsedMs - this.#position()) / this.#speed, wake);
    }
    await moments.return();
  }

  /** Whether the current history is also valid at that position. */
  #isAhead(toMs: number): boolean {
    const noted = this.#noted;
    return noted !== undefined && noted.elapsedMs <= toMs && toMs - noted.elapsedMs < MEMORY_MS;
  }

  /** Records all snapshots up to that position. Returns the next one. */
  async #readTo(
    toMs: number,
    moments: AsyncGenerator<RecordedSnapshot, void>,
    first: RecordedSnapshot | undefined,
    closed: AbortSignal,
  ): Promise<RecordedSnapshot | undefined> {
    let next = first;
    this.#sliceBegan = performance.now();
    while (next !== undefined && (this.#noted === undefined || next.elapsedMs <= toMs)) {
      await this.#note(next);
      next = await following(moments);
      // Another seek replaces this one.
      if (this.#jumpTo !== undefined || closed.aborted) break;
    }
    return next;
  }

  /** Records all due snapshots, and shows the last of them. Returns the next one. */
  async #playDue(
    moments: AsyncGenerator<RecordedSnapshot, void>,
    first: RecordedSnapshot,
    show: Show,
    closed: AbortSignal,
  ): Promise<RecordedSnapshot | undefined> {
    const began = this.#clock.now();
    this.#sliceBegan = performance.now();
    let next: RecordedSnapshot | undefined = first;
    while (next !== undefined && next.elapsedMs <= this.#position()) {
      await this.#note(next);
      next = await following(moments);
      if (this.#jumpTo !== undefined || closed.aborted) return next;
      if (this.#clock.now() - began >= CATCH_UP_MS) break;
    }
    this.#show(show);
    if (next !== undefined && this.#noted !== undefined && this.#state === 'playing') {
      const most = this.#noted.elapsedMs + MAX_AHEAD_MS * this.#speed;
      if (this.#position() > Math.max(most, next.elapsedMs)) this.#setPosition(Math.max(most, next.elapsedMs));
    }
    return next;
  }

  async #note(moment: RecordedSnapshot): Promise<void> {
    const noting = this.#memory?.recordHistory(moment.snapshot);
    if (noting !== undefined) await noting;
    this.#noted = moment;
    if (performance.now() - this.#sliceBegan < SLICE_MS) return;
    await setImmediate();
    this.#sliceBegan = performance.now();
  }

  #show(show: Show): void {
    if (this.#noted === undefined) return;
    this.#shown = this.#noted;
    this.#shownAt = this.#clock.now();
    show(this.#noted.snapshot);
  }

  async #waitAtEnd(wake: AbortSignal): Promise<void> {
    const left = (this.#recording.lengthMs - this.#position()) / this.#speed;
    if (left > 0) await this.#clock.sleep(left, wake);
    if (wake.aborted) return;
    this.#setPosition(this.#recording.lengthMs);
    this.#state = 'ended';
  }
}

async function following(moments: AsyncGenerator<RecordedSnapshot, void>): Promise<RecordedSnapshot | undefined> {
  const { done, value } = await moments.next();
  return done ? undefined : value;
}
