import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { FOLDER, PICTURES, textOf } from './pictures.ts';

describe('pictures of graphs', () => {
  for (const graphPane of PICTURES)
    it(graphPane.name, () =>
      assert.equal(textOf(graphPane), readFileSync(new URL(`${graphPane.name}.txt`, FOLDER), 'utf8')),
    );
});
