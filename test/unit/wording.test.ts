import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { findBanned } from '../../scripts/wording.ts';

test('banned words are found as words, in any case, with what to write in their place', () => {
  assert.deepEqual(findBanned([['a.ts', 'x\n// What was Told anew; untold parties go on\nconst told2 = 1;']]), [
    'a.ts:2: "Told" (reported, said, shown)',
    'a.ts:2: "anew" (again)',
    'a.ts:2: "parties" (endpoint)',
    'a.ts:2: "go on" (continue)',
  ]);
  assert.deepEqual(findBanned([['network.ts', "isOn('enable-bpf-masquerade')"]]), []);
});

test('the source, help texts and documents have none: npm run wording', () => {
  const script = fileURLToPath(new URL('../../scripts/wording.ts', import.meta.url));
  execFileSync(process.execPath, [script], { cwd: fileURLToPath(new URL('../../', import.meta.url)) });
});
