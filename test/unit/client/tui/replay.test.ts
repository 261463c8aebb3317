import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Problem } from '../../../../src/client/problems/problem.ts';
import type { Playback, PlaybackStatus } from '../../../../src/client/recording/playback.ts';
import { withLayers } from '../../../../src/client/tui/input/back-stack.ts';
import { KeyReader } from '../../../../src/client/tui/input/key-reader.ts';
import { controlPlayback, isPlaybackAction } from '../../../../src/client/tui/input/playback-control.ts';
import { renderFooter } from '../../../../src/client/tui/panes/footer.ts';
import { renderHeader } from '../../../../src/client/tui/panes/header.ts';
import { initialState } from '../../../../src/client/tui/state.ts';
import { connection, NOW, snapshot } from './fixtures.ts';

function shown(status: Partial<PlaybackStatus>, width = 160): string {
  const playback = {
    state: 'playing' as const,
    positionMs: 83_000,
    lengthMs: 3_723_000,
    speed: 1,
    ...status,
  };
  const line = renderHeader(snapshot([connection()]), initialState(), [], NOW, width, playback);
  return line.map(({ text }) => text).join('');
}

test('the header says that it is a recording, where it is, and how it goes', () => {
  assert.match(shown({}), /recording 1:23\/1:02:03$/);
  assert.match(shown({ speed: 0.25 }), /recording 1:23\/1:02:03 ×0\.25$/);
  assert.match(shown({ state: 'paused', speed: 4 }), /×4 PAUSED · Space: play$/);
  assert.match(shown({ state: 'ended' }), /END · Space: restart$/);
  assert.match(shown({}, 40), /recording 1:23\/1:02:03/);
});

test('the header counts what fails, and names the view that tells more; notes are no alarm', () => {
  const problem = (severity: Problem['severity'], key: string): Problem => ({
    key,
    severity,
    title: 'what',
    subject: 'where',
    count: 1,
    unit: 'things',
    explanation: '',
    nextStep: { text: '' },
  });
  const text = (problems: readonly Problem[], width = 160) =>
    renderHeader(snapshot([connection()]), initialState(), problems, NOW, width)
      .map((part) => part.text)
      .join('');
  assert.match(text([problem(3, 'a'), problem(2, 'b'), problem(1, 'c')]), / · ✗ 2 problems \(6\) · /);
  assert.match(text([problem(2, 'b')], 40), / · ! 1 problem \(6\)/);
  assert.doesNotMatch(text([problem(1, 'c')]), /problem/);
});

test('what is left out of the table, and the way to the help, come before its order', () => {
  const state = withLayers({ ...initialState(), filter: 'state:syn_sent port:443' });
  const text = (width: number) =>
    renderFooter(state, '', width)
      .map((part) => part.text)
      .join('');
  assert.match(text(50), /^ \/state:syn_sent port:443 \(Esc clears\) +\? help$/);
  assert.match(text(100), /\(Esc clears\) · by rate ▼/);
});

test('the footer has the keys of a recording', () => {
  const text = (replay?: PlaybackStatus['state'], state = initialState()) =>
    renderFooter(state, '', 160, replay)
      .map((part) => part.text)
      .join('');
  assert.match(text('playing'), /Space pause +\[ \] seek +\+ - speed/);
  assert.match(text('paused'), /Space play +\[ \] seek/);
  assert.match(text('ended'), /Space replay/);
  assert.match(text(), /Space freeze/);
  assert.match(text(undefined, { ...initialState(), frozen: snapshot([]) }), /Space unfreeze/);
  assert.doesNotMatch(text(), /seek|speed/);
});

test('keys steer it', () => {
  const done: string[] = [];
  const playback: Playback = {
    status: () => ({ state: 'playing', positionMs: 0, lengthMs: 0, speed: 1 }),
    now: () => 0,
    keep: () => undefined,
    togglePause: () => void done.push('toggle'),
    seek: (steps) => void done.push(`seek ${steps}`),
    changeSpeed: (steps) => void done.push(`accelerate ${steps}`),
  };
  const reader = new KeyReader();
  for (const key of ['space', ']', '[', '+', '-', 'j']) {
    const read = reader.read(key);
    if (read.kind === 'action' && isPlaybackAction(read.action)) controlPlayback(playback, read.action);
  }
  assert.deepEqual(done, ['toggle', 'seek 1', 'seek -1', 'accelerate 1', 'accelerate -1']);
});
