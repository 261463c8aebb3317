import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Playback, PlaybackStatus } from '../../../../src/client/record/playback.ts';
import { KeyReader } from '../../../../src/client/view/keys/key-reader.ts';
import { footer } from '../../../../src/client/view/panes/footer.ts';
import { header } from '../../../../src/client/view/panes/header.ts';
import { steer } from '../../../../src/client/view/state/playback.ts';
import { initialState } from '../../../../src/client/view/state/state.ts';
import { connection, NOW, snapshot } from './fixtures.ts';

function shown(status: Partial<PlaybackStatus>, width = 160): string {
  const playback = {
    state: 'playing' as const,
    positionMs: 83_000,
    lengthMs: 3_723_000,
    speed: 1,
    jumps: 0,
    ...status,
  };
  const line = header(snapshot([connection()]), initialState(), NOW, width, playback);
  return line.map(({ text }) => text).join('');
}

test('the header says that it is a recording, where it is, and how it goes', () => {
  assert.match(shown({}), /recording 1:23\/1:02:03$/);
  assert.match(shown({ speed: 0.25 }), /recording 1:23\/1:02:03 ×0\.25$/);
  assert.match(shown({ state: 'paused', speed: 4 }), /×4 PAUSED: Space goes on$/);
  assert.match(shown({ state: 'ended' }), /END: Space begins anew$/);
  assert.match(shown({}, 40), /recording 1:23\/1:02:03/);
});

test('the footer has the keys of a recording', () => {
  const text = (replayed: boolean) =>
    footer(initialState(), '', 160, replayed)
      .map((part) => part.text)
      .join('');
  assert.match(text(true), /Space pause +\[ \] seek +\+ - speed/);
  assert.match(text(false), /Space freeze/);
  assert.doesNotMatch(text(false), /seek|speed/);
});

test('keys steer it, with counts', () => {
  const done: string[] = [];
  const playback: Playback = {
    status: () => ({ state: 'playing', positionMs: 0, lengthMs: 0, speed: 1, jumps: 0 }),
    now: () => 0,
    toggle: () => void done.push('toggle'),
    seek: (steps) => void done.push(`seek ${steps}`),
    accelerate: (steps) => void done.push(`accelerate ${steps}`),
  };
  const reader = new KeyReader();
  for (const key of ['space', ']', '6', '[', '+', '2', '-', 'j'])
    for (const { action, count } of reader.read(key)) steer(playback, action, count);
  assert.deepEqual(done, ['toggle', 'seek 1', 'seek -6', 'accelerate 1', 'accelerate -2']);
});
