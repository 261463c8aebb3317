import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import type { Clock } from '../../../../src/client/record/clock.ts';
import { type Playable, Player } from '../../../../src/client/record/player.ts';

/** When the recorded session began. */
const START = 1_700_000_000_000;
const SECONDS = 120;

/** Time goes on only where a test says so. */
class FakeClock implements Clock {
  #now = 0;
  #sleepers: { until: number; wake: () => void }[] = [];

  now(): number {
    return this.#now;
  }

  sleep(ms: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      this.#sleepers.push({ until: this.#now + ms, wake: resolve });
      signal.addEventListener('abort', () => resolve());
    });
  }

  /** In steps, with time for what is done in each. */
  async pass(ms: number): Promise<void> {
    for (let rest = ms; rest > 0; rest -= 250) {
      this.#now += Math.min(rest, 250);
      const due = this.#sleepers.filter(({ until }) => until <= this.#now);
      this.#sleepers = this.#sleepers.filter((one) => !due.includes(one));
      for (const { wake } of due) wake();
      await settled();
    }
  }
}

/** All that does not wait for time has been done. */
async function settled(): Promise<void> {
  await setImmediate();
}

/** A snapshot each second; it can be begun at each tenth. */
const RECORDING: Playable = {
  lengthMs: SECONDS * 1000,
  async *moments(fromMs = 0) {
    for (let second = Math.floor(fromMs / 10_000) * 10; second < SECONDS; second++) {
      const snapshot = { at: START + second * 1000, origin: 'test', agents: [], connections: [], notices: [] };
      yield { elapsedMs: second * 1000, snapshot };
    }
  },
};

async function played(
  options: { fromMs?: number; speed?: number },
  act: (player: Player, clock: FakeClock, seen: number[]) => Promise<void>,
): Promise<void> {
  const clock = new FakeClock();
  const player = new Player(RECORDING, { ...options, clock });
  const seen: number[] = [];
  const subscription = player.snapshots$.subscribe(({ at }) => seen.push((at - START) / 1000));
  await settled();
  await act(player, clock, seen);
  subscription.unsubscribe();
}

test('at its own pace, by its own clock', () =>
  played({}, async (player, clock, seen) => {
    assert.deepEqual(seen, [0]);
    await clock.pass(3500);
    assert.deepEqual(seen, [0, 1, 2, 3]);
    assert.equal(player.now(), START + 3500);
    assert.deepEqual(player.status(), {
      state: 'playing',
      positionMs: 3500,
      lengthMs: 120_000,
      speed: 1,
      jumps: 1,
    });
  }));

test('paused, time stands still', () =>
  played({}, async (player, clock, seen) => {
    await clock.pass(1500);
    player.toggle();
    await clock.pass(5000);
    assert.deepEqual(seen, [0, 1]);
    assert.equal(player.now(), START + 1500);
    assert.equal(player.status().state, 'paused');
    player.toggle();
    await clock.pass(1000);
    assert.deepEqual(seen, [0, 1, 2]);
  }));

test('twice as fast, and half as fast', () =>
  played({}, async (player, clock, seen) => {
    player.accelerate(1);
    await clock.pass(2000);
    assert.equal(seen.at(-1), 4);
    player.accelerate(-2);
    await clock.pass(2000);
    assert.deepEqual([seen.at(-1), player.status().speed], [5, 0.5]);
    player.accelerate(100);
    assert.equal(player.status().speed, 64);
  }));

test('a jump tells what was in the minute before it, then what was there', () =>
  played({}, async (player, clock, seen) => {
    await clock.pass(1000);
    player.seek(9);
    await settled();
    assert.equal(player.status().jumps, 2);
    assert.deepEqual(
      seen.slice(2),
      [...seen.slice(2)].sort((a, b) => a - b),
    );
    assert.equal(seen.at(-1), 91);
    assert.ok(seen.slice(2).length >= 55 && seen.slice(2).length <= 65);
    assert.equal(player.now(), START + 91_000);
  }));

test('back while paused: the picture of then, still paused', () =>
  played({ fromMs: 60_000 }, async (player, clock, seen) => {
    assert.equal(seen.at(-1), 60);
    player.toggle();
    player.seek(-2);
    await settled();
    assert.equal(seen.at(-1), 40);
    await clock.pass(3000);
    assert.equal(seen.at(-1), 40);
    assert.equal(player.status().state, 'paused');
  }));

test('before the start and behind the end there is nothing', () =>
  played({}, async (player, clock, seen) => {
    player.seek(-5);
    await settled();
    assert.equal(player.status().positionMs, 0);
    player.seek(500);
    await settled();
    assert.deepEqual([seen.at(-1), player.status().positionMs], [119, 120_000]);
    await clock.pass(500);
    assert.equal(player.status().state, 'ended');
  }));

test('at the end it stays on the last picture; from there it goes back, or begins anew', () =>
  played({ fromMs: 118_000 }, async (player, clock, seen) => {
    await clock.pass(5000);
    assert.deepEqual([seen.at(-1), player.status().state], [119, 'ended']);
    assert.equal(player.now(), START + 120_000);
    player.seek(-1);
    await settled();
    assert.deepEqual([seen.at(-1), player.status().state], [110, 'playing']);
    await clock.pass(12_000);
    assert.equal(player.status().state, 'ended');
    player.toggle();
    await settled();
    assert.deepEqual([seen.at(-1), player.status().state], [0, 'playing']);
  }));
