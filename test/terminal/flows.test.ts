import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import { kflow } from './stage.ts';
import { Tmux, tmuxUnavailable } from './tmux.ts';

const SHOP = fileURLToPath(new URL('../../examples/shop.kflow', import.meta.url));
const FLOWS = kflow('flows', '--recording', SHOP, '--at', '1m20s', '--limit', '8');

/** The program, and then its exit status, in a terminal that stays. */
function opened(t: TestContext, width: number, environment = {}): Tmux {
  const command = ['sh', '-c', '"$@"; echo "status $?"; read -r _', 'sh', ...FLOWS];
  const terminal = new Tmux({ width, height: 24, command, environment });
  t.after(() => terminal.close());
  return terminal;
}

describe('kflow flows on a terminal', { skip: tmuxUnavailable() ?? false }, () => {
  for (const width of [80, 100, 160])
    it(`fits ${width} columns, in colour, a row a line`, async (t) => {
      const terminal = opened(t, width);
      const lines = (await terminal.shows('status 0')).split('\n');
      const heading = lines.findIndex((line) => line.startsWith('SOURCE'));
      for (const line of lines.slice(heading + 1, heading + 9)) assert.match(line, /ESTABLISHED|TIME_WAIT|SYN_SENT/);
      assert.equal(lines[heading + 9], 'status 0');
      assert(terminal.looks().some((look) => look.includes('38;5')));
    });

  it('NO_COLOR has no colours', async (t) => {
    const terminal = opened(t, 100, { NO_COLOR: '1' });
    await terminal.shows('status 0');
    assert.deepEqual(terminal.looks(), []);
  });
});
