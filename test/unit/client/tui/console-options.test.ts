/** What the console is given, and what it leaves behind when it ends. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BehaviorSubject } from 'rxjs';
import type { Snapshot } from '../../../../src/client/model/snapshot.ts';
import type { Playback } from '../../../../src/client/recording/playback.ts';
import type { SuggestedAction } from '../../../../src/client/tui/input/suggested-actions.ts';
import { AT, SNAPSHOTS } from '../../../terminal/fixed/snapshots.ts';
import { ConsoleHarness, openConsole } from './harness/console.ts';

const snapshots = () => SNAPSHOTS.cluster();

test('Space freezes and continues, v has three families, w begins at the first column, Ctrl-Z works in help', async (t) => {
  const live = new BehaviorSubject<Snapshot>(SNAPSHOTS.healthy());
  const console = await openConsole(t, { snapshots: live });
  await console.shows('3/3 agents');
  console.press('space');
  await console.shows('FROZEN');
  live.next(SNAPSHOTS.cluster());
  console.press('space');
  await console.shows('2/3 agents');
  await console.hidden('FROZEN');
  for (const family of [' IPv4', ' IPv6']) {
    console.press('v');
    await console.shows(family);
  }
  console.press('v');
  await console.hidden(' IPv6');
  await console.changes('2', () => console.press('2'));
  await console.changes('w', () => console.press('w'));
  const first = await console.changes('}', () => console.press('}'));
  assert.doesNotMatch(first, /DESTINATION/);
  console.press('w');
  await console.shows('DESTINATION');
  console.press('?');
  await console.shows('▸ Help');
  console.press('C-z');
  await console.shows(() => console.stops === 1);
  await console.shows('▸ Help');
});

test('a filter at the start is shown, and Esc clears it', async (t) => {
  const console = await openConsole(t, { snapshots: snapshots(), options: { filter: 'port:5432' } });
  const shown = await console.shows('port:5432');
  assert.match(shown, /data\/postgres/);
  assert.doesNotMatch(shown, /SYN_SENT/);
  console.press('escape');
  await console.shows('SYN_SENT');
});

test('reverse DNS begins as it is asked for, and n switches it', async (t) => {
  const switched: boolean[] = [];
  const resolve = { initial: true, set: (on: boolean) => void switched.push(on) };
  const console = await openConsole(t, { snapshots: snapshots(), options: { resolve } });
  console.press('n');
  await console.shows(() => switched.length > 0);
  assert.deepEqual(switched, [false], 'from names with reverse DNS to names');
});

test('a recording is reported who remembers what was before', async (t) => {
  let kept: unknown;
  const playback: Playback = {
    keep: (memory) => {
      kept = memory;
    },
    status: () => ({ state: 'paused', positionMs: 0, lengthMs: 1000, speed: 1 }),
    now: () => AT,
    togglePause: () => {},
    seek: () => {},
    changeSpeed: () => {},
  };
  await openConsole(t, { snapshots: snapshots(), options: { playback } });
  assert.equal(typeof (kept as { recordHistory?: unknown }).recordHistory, 'function');
});

test('a suggested action asks first; Ctrl-C leaves nonetheless; one that leaves ends the console', async (t) => {
  const accepted: string[] = [];
  const action = (id: SuggestedAction['id'], more: Partial<SuggestedAction>): SuggestedAction => ({
    id,
    key: id,
    endsConsole: false,
    label: `do ${id}`,
    run: () => {
      accepted.push(id);
      return `done ${id}`;
    },
    ...more,
  });
  const suggestedActions = [action('tracking', { question: 'turn it on?' }), action('example', { endsConsole: true })];
  const given = { snapshots: SNAPSHOTS.untracked(), options: { suggestedActions } };
  const first = await openConsole(t, given);
  first.press('T');
  await first.shows('turn it on?');
  first.press('n');
  await first.hidden('turn it on?');
  assert.deepEqual(accepted, []);
  first.press('T');
  await first.shows('turn it on?');
  first.press('y');
  await first.shows('done tracking');
  first.press('T');
  await first.shows('turn it on?');
  first.press('C-c');
  assert.equal(await first.ended, 130);

  const second = await openConsole(t, given);
  second.press('R');
  assert.equal(await second.ended, 0);
  assert.deepEqual(accepted, ['tracking', 'example']);
});

test('what has ended listens to nothing any more, and one that is aborted before it starts does not stay', async (t) => {
  const live = new BehaviorSubject<Snapshot>(snapshots());
  const console = await openConsole(t, { snapshots: live });
  assert.equal(live.observed, true);
  console.press('q');
  await console.ended;
  assert.equal(live.observed, false);
  const aborted = new ConsoleHarness({ snapshots: live, options: { signal: AbortSignal.abort() } });
  t.after(() => aborted.stop());
  assert.equal(await aborted.ended, 1);
  assert.equal(live.observed, false);
});
