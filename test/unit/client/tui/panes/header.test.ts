import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Problem } from '../../../../../src/client/problems/problem.ts';
import type { PlaybackStatus } from '../../../../../src/client/recording/playback.ts';
import { renderHeader } from '../../../../../src/client/tui/panes/header.ts';
import { initialState } from '../../../../../src/client/tui/state.ts';
import { lineText, lineWidth } from '../../../../../src/client/tui/text/line.ts';
import { AT, SNAPSHOTS } from '../../../../terminal/fixed/snapshots.ts';

const CLUSTER = { ...SNAPSHOTS.cluster(), origin: 'arn:aws:eks:eu-central-1:123456789012:cluster/prod-eu' };
const PROBLEM: Problem = {
  key: 'a',
  severity: 3,
  title: 'no answer',
  subject: 'shop/web',
  count: 2,
  unit: 'connections',
  explanation: '',
  nextStep: { text: '' },
};
const PAUSED: PlaybackStatus = { state: 'paused', positionMs: 83_000, lengthMs: 160_000, speed: 0.25 };

for (const width of [40, 60, 80, 120, 200])
  for (const isReplay of [false, true])
    test(`the header has cluster, problems and what stands still at ${width} columns${isReplay ? ', in a replay' : ''}`, () => {
      const frozen = { ...initialState(), frozen: CLUSTER };
      const problems = [PROBLEM, { ...PROBLEM, key: 'b' }];
      const line = renderHeader(
        CLUSTER,
        isReplay ? initialState() : frozen,
        problems,
        AT,
        width,
        isReplay ? PAUSED : undefined,
      );
      const text = lineText(line);
      assert(lineWidth(line) <= width, text);
      assert.match(text, /a(rn:)?.*…?.*(d-)?eu/);
      assert.match(text, /✗ 2/);
      assert.match(text, isReplay ? /1:23.*PAUSED/ : /FROZEN/);
    });

test('what does not fit goes from the right', () => {
  const { length } = lineText(
    renderHeader({ ...CLUSTER, origin: 'prod-eu' }, initialState(), [PROBLEM], AT, 400),
  ).trimEnd();
  let before = Number.POSITIVE_INFINITY;
  for (let width = length; width >= 40; width--) {
    const text = lineText(renderHeader({ ...CLUSTER, origin: 'prod-eu' }, initialState(), [PROBLEM], AT, width));
    assert.match(text, /prod-eu · .*✗ 1 problem/);
    const parts = text.split(' · ').length;
    assert(parts <= before, text);
    before = parts;
  }
});
