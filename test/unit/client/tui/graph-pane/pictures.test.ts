import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { FOLDER, PICTURES, textOf } from './pictures.ts';

describe('pictures of graphs', () => {
  for (const picture of PICTURES)
    it(picture.name, () => assert.equal(textOf(picture), readFileSync(new URL(`${picture.name}.txt`, FOLDER), 'utf8')));
});
