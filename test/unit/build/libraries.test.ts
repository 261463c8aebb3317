import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { withChanges, withLibraryFiles } from '../../../scripts/build/libraries.ts';

const file = (path: string) => fileURLToPath(new URL(`../../../node_modules/${path}`, import.meta.url));
const HEALTH = file('grpc-health-check/build/src/health.js');
const REFLECTION = file('@grpc/reflection/build/src/implementations/reflection-v1.js');

test('paths by __dirname lead to the copies of what they name', () => {
  const health = withLibraryFiles(readFileSync(HEALTH, 'utf8'), HEALTH);
  assert.match(health, /includeDirs: \[`\$\{__libraries\}\/grpc-health-check\/proto`\]/);
  assert.match(health, /path\.resolve\(__libraries, 'grpc-health-check\/proto\/health\/v1\/health\.proto'\)/);
  const reflection = withLibraryFiles(readFileSync(REFLECTION, 'utf8'), REFLECTION);
  assert.match(
    reflection,
    /path\.join\(__libraries, '@grpc\/reflection\/build\/proto\/grpc\/reflection\/v1\/reflection\.proto'\)/,
  );
});

test('a file that is not copied, and another use of __dirname, stop the build', () => {
  assert.throws(
    () => withLibraryFiles("read(__dirname + '/../../src/health.js')", HEALTH),
    /health\.js reads src\/health.*is not copied/,
  );
  assert.throws(() => withLibraryFiles('run(__dirname)', HEALTH), /uses __dirname in a new way/);
  assert.throws(
    () => withLibraryFiles("read(__dirname + '/../x')", file('ws/lib/sender.js')),
    /ws\/lib\/sender\.js reads x/,
  );
});

test('a library that has changed where the build changes it stops the build', () => {
  const path = file('@grpc/proto-loader/build/src/index.js');
  assert.notEqual(withChanges(readFileSync(path, 'utf8'), path), readFileSync(path, 'utf8'));
  assert.throws(() => withChanges('exports.load = load;', path), /@grpc\/proto-loader\/build\/src\/index\.js has no /);
  assert.equal(withChanges('as it is', dirname(path)), 'as it is');
});
