import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Playable, Player } from '../../../../src/client/recording/player.ts';
import { FakeClock, settled } from './fake-clock.ts';

/** When the recorded session began. */
const START = 1_700_000_000_000;
const SECONDS = 120;

/** A snapshot each second; it can be begun at each tenth. */
const RECORDING: Playable = {
  lengthMs: SECONDS * 1000,
  async *snapshots(fromMs = 0) {
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
  await clock.settled();
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
    });
  }));

test('paused, time stands still', () =>
  played({}, async (player, clock, seen) => {
    await clock.pass(1500);
    player.togglePause();
    await clock.pass(5000);
    assert.deepEqual(seen, [0, 1]);
    assert.equal(player.now(), START + 1500);
    assert.equal(player.status().state, 'paused');
    player.togglePause();
    await clock.pass(1000);
    assert.deepEqual(seen, [0, 1, 2]);
  }));

test('twice as fast, and half as fast', () =>
  played({}, async (player, clock, seen) => {
    player.changeSpeed(1);
    await clock.pass(2000);
    assert.equal(seen.at(-1), 4);
    player.changeSpeed(-2);
    await clock.pass(2000);
    assert.deepEqual([seen.at(-1), player.status().speed], [5, 0.5]);
    player.changeSpeed(100);
    assert.equal(player.status().speed, 64);
  }));

test('a jump shows what is there, and nothing of what is on the way', () =>
  played({}, async (player, clock, seen) => {
    await clock.pass(1000);
    player.seek(9);
    assert.equal(player.status().seeking, true);
    await clock.settled();
    assert.equal(player.status().seeking, undefined);
    assert.deepEqual(seen, [0, 1, 91]);
    assert.equal(player.now(), START + 91_000);
    player.seek(-3);
    await clock.settled();
    assert.deepEqual(seen, [0, 1, 91, 61]);
  }));

test('each snapshot is noted once and in order, whether it is shown or not; going back restarts', async () => {
  const clock = new FakeClock();
  const player = new Player(RECORDING, { clock, fromMs: 30_000 });
  let noted: number[] = [];
  player.keep({
    reset: () => {
      noted = [];
    },
    recordHistory: ({ at }) => {
      noted.push((at - START) / 1000);
      return settled();
    },
  });
  const upTo = (second: number) => Array.from({ length: second + 1 }, (_, i) => i);
  const subscription = player.snapshots$.subscribe();
  const reaches = async (second: number) => {
    for (let turn = 0; noted.at(-1) !== second && turn < 1000; turn++) await settled();
    await clock.settled();
    assert.deepEqual(noted, upTo(second));
  };
  await reaches(30);
  player.seek(2);
  await reaches(50);
  player.seek(-1);
  await reaches(40);
  player.changeSpeed(6);
  for (let turn = 0; noted.at(-1) !== 119 && turn < 1000; turn++) await clock.pass(250);
  await reaches(119);
  subscription.unsubscribe();
});

test('what is shown is at most a second older than the clock, at every speed', async () => {
  for (const speed of [1, 8, 64])
    for (const noteMs of [0, 5, 200]) {
      const clock = new FakeClock();
      const player = new Player(RECORDING, { clock, speed });
      // Reading and noting take their time.
      player.keep({ reset: () => undefined, recordHistory: () => clock.sleep(noteMs, new AbortController().signal) });
      let shown = 0;
      const subscription = player.snapshots$.subscribe(({ at }) => {
        shown = at - START;
      });
      for (let turn = 0; turn < 60; turn++) {
        await clock.pass(250);
        const { positionMs, state } = player.status();
        const behindMs = (positionMs - shown) / speed;
        // The recording's own snapshots are a second apart.
        if (state === 'playing')
          assert.ok(behindMs <= 1000 + 1000 / speed, `×${speed}, ${noteMs} ms: ${behindMs} ms behind`);
      }
      subscription.unsubscribe();
    }
});

test('back while paused: the picture of then, still paused', () =>
  played({ fromMs: 60_000 }, async (player, clock, seen) => {
    assert.equal(seen.at(-1), 60);
    player.togglePause();
    player.seek(-2);
    await clock.settled();
    assert.equal(seen.at(-1), 40);
    await clock.pass(3000);
    assert.equal(seen.at(-1), 40);
    assert.equal(player.status().state, 'paused');
  }));

test('before the start and behind the end there is nothing', () =>
  played({}, async (player, clock, seen) => {
    player.seek(-5);
    await clock.settled();
    assert.equal(player.status().positionMs, 0);
    player.seek(500);
    await clock.settled();
    assert.deepEqual([seen.at(-1), player.status().positionMs], [119, 120_000]);
    await clock.pass(500);
    assert.equal(player.status().state, 'ended');
  }));

test('at the end it stays on the last picture; from there it goes back, or restarts', () =>
  played({ fromMs: 118_000 }, async (player, clock, seen) => {
    await clock.pass(5000);
    assert.deepEqual([seen.at(-1), player.status().state], [119, 'ended']);
    assert.equal(player.now(), START + 120_000);
    player.seek(-1);
    await clock.settled();
    assert.deepEqual([seen.at(-1), player.status().state], [110, 'playing']);
    await clock.pass(12_000);
    assert.equal(player.status().state, 'ended');
    player.togglePause();
    await clock.settled();
    assert.deepEqual([seen.at(-1), player.status().state], [0, 'playing']);
  }));
