import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { shortened } from '../../../scripts/pack.ts';

test('the packed package.json has no dependencies but native ones, and what is needed to run', () => {
  const whole = JSON.parse(readFileSync(new URL('../../../package.json', import.meta.url), 'utf8'));
  const { name, version, type, bin, engines, files, optionalDependencies, license, description, ...rest } = JSON.parse(
    shortened(JSON.stringify(whole)),
  );
  assert.deepEqual(
    { name, version, type, bin, engines, files, optionalDependencies, license, description },
    Object.fromEntries(
      ['name', 'version', 'type', 'bin', 'engines', 'files', 'optionalDependencies', 'license', 'description'].map(
        (key) => [key, whole[key]],
      ),
    ),
  );
  assert.deepEqual(rest, {});
});
