import assert from 'node:assert/strict';
import { test } from 'node:test';
import { stderrWriter } from '../../../../../src/client/cli/shared/stderr.ts';

/** A stderr that keeps what it is sent. */
function openStderr(isTTY: boolean, columns = 20) {
  const sent: string[] = [];
  const stream = { isTTY, columns, write: (text: string) => sent.push(text) } as unknown as NodeJS.WriteStream;
  return { sent, ...stderrWriter(stream) };
}

test('the last look: what was overlooked steers no terminal, and own colours stay', () => {
  for (const isTTY of [false, true]) {
    const { sent, stderr } = openStderr(isTTY);
    stderr('a\x1b[31mb\x1b[m\x1b]52;c;QQ==\x07\r\u009b2J\u202ec\nd\n');
    assert.equal(sent.join(''), 'a\x1b[31mb\x1b[m�]52;c;QQ==��\u{fffd}2J�c\nd\n');
  }
});

test('the line of progress is one line, whatever file is recorded', () => {
  const { sent, progress } = openStderr(true);
  progress?.('recording r\x1b]52;c;QQ==\x07\nkflow: all agents are well');
  assert.deepEqual(sent, ['recording r�]52;c;…']);
  progress?.('');
  assert.deepEqual(sent.slice(1), ['\r\x1b[K']);
});
