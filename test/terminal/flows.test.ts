import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { kflow } from './stage.ts';
import { Tmux, tmuxUnavailable } from './tmux.ts';

const SHOP = fileURLToPath(new URL('../../examples/shop.kflow', import.meta.url));

describe('kflow flows on a terminal', { skip: tmuxUnavailable() ?? false }, () => {
  for (const width of [80, 100, 160])
    it(`fits ${width} columns, in colour, a row a line`, async (t) => {
      const command = kflow('flows', '--recording', SHOP, '--at', '1m20s', '--limit', '8');
      const terminal = new Tmux({ width, height: 24, command });
      t.after(() => terminal.close());
      assert.equal(await terminal.ended(), '0');
      const lines = terminal.screen().split('\n');
      const heading = lines.findIndex((line) => line.startsWith('SOURCE'));
      assert(heading >= 0, terminal.screen());
      for (const line of lines.slice(heading + 1, heading + 9)) assert.match(line, /ESTABLISHED|TIME_WAIT|SYN_SENT/);
      assert(terminal.looks().length > 0);
    });

  it('NO_COLOR has no colours', async (t) => {
    const command = kflow('flows', '--recording', SHOP, '--at', '1m20s', '--limit', '8');
    const terminal = new Tmux({ width: 100, height: 24, command, environment: { NO_COLOR: '1' } });
    t.after(() => terminal.close());
    assert.equal(await terminal.ended(), '0');
    // The last line is tmux's own, that the program has ended.
    assert.doesNotMatch(terminal.colours().split('\n').slice(0, 9).join('\n'), /38;5|\[1m/);
  });
});
