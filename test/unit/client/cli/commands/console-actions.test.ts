import assert from 'node:assert/strict';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { suggestActions } from '../../../../../src/client/cli/commands/console-actions.ts';

test('the demo needs its tools in PATH, as programs, and names those that are missing', {
  skip: process.getuid?.() === 0 ? false : 'needs root: without, the demo is refused for that',
}, (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'kflow-actions-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const demo = (PATH: string) => {
    const { actions, close } = suggestActions(false, { PATH });
    close();
    return actions.find(({ id }) => id === 'demo')?.unavailable;
  };
  const missing = demo(folder) ?? '';
  const tools = /needs (.*) in PATH/.exec(missing)?.[1]?.split(', ') ?? [];
  assert.ok(tools.length > 0, missing);
  for (const tool of tools) writeFileSync(join(folder, tool), '#!/bin/sh\n');
  if (tools[0] !== undefined) chmodSync(join(folder, tools[0]), 0o755);
  assert.equal(demo(folder)?.includes(tools[0] ?? ''), false, 'a program is found');
  assert.equal(demo(folder), `the demo needs ${tools.slice(1).join(', ')} in PATH`, 'a file that is no program is not');
  for (const tool of tools) chmodSync(join(folder, tool), 0o755);
  assert.equal(demo(`/nowhere:${folder}`), undefined);
});
