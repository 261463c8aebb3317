import assert from 'node:assert/strict';
import { test } from 'node:test';
import { mouseEvents } from '../../../../../src/client/view/terminal/mouse.ts';

test('events of the mouse that come at once are told one by one, and what is none is left as it is', () => {
  const [press, release] = ['\x1b[<0;3;4M', '\x1b[<0;3;4m'];
  assert.deepEqual(mouseEvents(press + release + press), [press, release, press]);
  assert.deepEqual(mouseEvents(`j${release}k`), [release]);
  assert.deepEqual(mouseEvents('\x1b[A'), ['\x1b[A']);
});
