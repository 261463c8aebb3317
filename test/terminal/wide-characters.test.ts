import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { fixedConsole } from './fixed/terminal.ts';
import { tmuxUnavailable } from './tmux.ts';

const WIDTH = 120;

describe('names of wide characters in tmux', { skip: tmuxUnavailable() ?? false }, () => {
  it('CJK and emoji are shown as they are, typed, copied and exported by view, and shift nothing', async (t) => {
    const terminal = fixedConsole('wideNames', { width: WIDTH, height: 30 });
    t.after(() => terminal.close());
    await terminal.shows(/kflow · 生産環境 · 3\/3 agents/);
    await terminal.shows(/メール🙂 ?\.例え\.テスト/);
    terminal.keys('2');
    await terminal.hidden('┌─ Nodes');
    terminal.keys('j', 'j', 'k', 'k');
    await terminal.shows(/équipe-👩‍💻 ?-서울|équipe-👩‍💻/);
    // tmux puts what is in a cell where the cell is: a border that was moved would be missing at the edge.
    for (let y = 1; y < 29; y++) {
      const edge = terminal.lines()[y] ?? '';
      assert.match(edge, /[│┐┘┤]$/, edge);
    }
    terminal.keys('/');
    terminal.type('例え');
    await terminal.shows(/^ \/例え█/m);
    await terminal.shows('Connections 2');
    terminal.keys('Enter', 'y');
    await terminal.shows('copied');
    assert.match(terminal.clipboard(), /メール🙂\.例え\.テスト/);
    terminal.keys('7', 'e');
    await terminal.shows(/^ :export kflow-agents-.*\.csv█/m);
  });

  it('at 40, 60 and 80 columns the header has the cluster and the problems', async (t) => {
    for (const width of [40, 60, 80]) {
      const terminal = fixedConsole('cluster', { width, height: 20 });
      t.after(() => terminal.close());
      await terminal.shows(/^.*prod-eu .*✗ 4/);
      terminal.keys('Space');
      await terminal.shows(/^.*prod-eu .*✗ 4.*FROZEN/);
    }
  });
});
