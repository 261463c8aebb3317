import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { STATES, styledScreen } from './harness/styled-screens.ts';

const FOLDER = new URL('../../../fixtures/screens/styled/', import.meta.url);

/** `npm run screens` shows what would change, and `npm run screens -- --write` writes it. */
describe('screens with their style', { concurrency: 4 }, () => {
  for (const name of Object.keys(STATES))
    test(name, async () => {
      const expected = readFileSync(new URL(`${name}.txt`, FOLDER), 'utf8');
      const actual = await styledScreen(name);
      assert.deepEqual(actual.split('\n'), expected.split('\n'), `${name}.txt: npm run screens shows the difference`);
    });
});
