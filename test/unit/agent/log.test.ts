import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { createLog } from '../../../src/agent/log.ts';

const EVIL = 'x\x1b]52;c;QQ==\x07\u009b2J\u202e\u2028\u200b\r\nkflow-agent: all is well';
const CLEAN = 'x�]52;c;QQ==��2J�����kflow-agent: all is well';

test('a line of the log is one line, and steers no terminal', () => {
  let log = '';
  const { info, debug } = createLog((text) => {
    log += text;
  }, true);
  info(EVIL);
  debug('مرحبا 東京 fe80::1%eth0');
  assert.equal(log, `kflow-agent: ${CLEAN}\nkflow-agent: مرحبا 東京 fe80::1%eth0\n`);
});

test('a setting that makes no sense is refused in one line, whatever is in it', () => {
  const main = fileURLToPath(new URL('../../../src/agent/main.ts', import.meta.url));
  const env = { PATH: process.env.PATH, KFLOW_LISTEN: EVIL };
  const { status, stderr } = spawnSync(process.execPath, [main], { env, encoding: 'utf8', timeout: 30_000 });
  assert.equal(status, 2);
  assert.match(stderr, /^kflow-agent: KFLOW_LISTEN: [^\p{C}\u2028\u202e]*\n$/u);
});
