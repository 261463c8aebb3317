import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { SIZES, screens } from './fixed/screens.ts';
import { tmuxUnavailable } from './tmux.ts';

/** `npm run screens` shows what would change. Style and many more states: `test/unit/client/tui/styled-screens.test.ts`. */
const FOLDER = new URL('../fixtures/screens/', import.meta.url);

describe('every view, compared with its screen', { skip: tmuxUnavailable() ?? false }, () => {
  for (const [width, height] of SIZES)
    it(`at ${width}×${height}`, async () => {
      for (const { file, text } of await screens(width, height)) {
        const expected = readFileSync(new URL(file, FOLDER), 'utf8');
        assert.deepEqual(text.split('\n'), expected.split('\n'), `${file} (npm run screens shows the difference)`);
      }
    });
});
