import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { after, afterEach, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { each } from '../each.ts';
import { labUnavailable } from '../lab/requirements.ts';
import { fixedConsole } from './fixed/terminal.ts';
import { tableOf } from './screen.ts';
import { kflow } from './stage.ts';
import { Tmux, type TmuxOptions, tmuxUnavailable } from './tmux.ts';

const EXAMPLE = fileURLToPath(new URL('../../examples/shop.kflow', import.meta.url));

describe('the terminal', { skip: tmuxUnavailable() ?? false }, () => {
  let terminals: Tmux[] = [];
  const closeAll = () => {
    for (const terminal of terminals) terminal.close();
    terminals = [];
  };
  afterEach(closeAll);
  after(closeAll);

  function opened(terminal: Tmux): Tmux {
    terminals.push(terminal);
    return terminal;
  }

  async function cluster(options: Partial<TmuxOptions> = {}): Promise<Tmux> {
    const terminal = opened(fixedConsole('cluster', options));
    await terminal.shows(/2\/3 agents/);
    await terminal.shows(/SYN_SENT|┌/);
    return terminal;
  }

  it('is followed when it is resized, down to 40×10; below, a line says what is needed', async () => {
    const terminal = await cluster();
    for (const [width, height] of [
      [80, 24],
      [40, 10],
      [200, 60],
      [40, 10],
    ] as const) {
      terminal.resize(width, height);
      const screen = await terminal.shows((one) => {
        const lines = one.trimEnd().split('\n');
        return (
          lines.length === height && lines[height - 2]?.length === width && lines[height - 2]?.endsWith('┘') === true
        );
      });
      assert.match(screen, /▸ Connections/);
      assert.match(screen, /\? help$/m);
    }
    for (const [width, height] of [
      [39, 10],
      [40, 9],
      [12, 3],
    ] as const) {
      terminal.resize(width, height);
      await terminal.shows((one) =>
        one.replaceAll(/\s+/g, ' ').includes(`kflow needs 40×10; this is ${width}×${height}`),
      );
    }
    terminal.resize(80, 24);
    await terminal.shows(/▸ Connections/);
  });

  /** The colours that are set: their SGR parameters. */
  function coloursOf(terminal: Tmux): Set<string> {
    const found = new Set<string>();
    for (const look of terminal.looks()) {
      const codes = look.split(/[;:]/);
      for (let at = 0; at < codes.length; at++) {
        const code = codes[at] ?? '';
        if (code === '38' || code === '48') {
          found.add(codes.slice(at, at + 3).join(';'));
          at += 2;
        } else if (/^([349]|10)\d$/.test(code) && !/^[34]9$/.test(code)) found.add(code);
      }
    }
    return found;
  }

  it('has 256 colours where it can show them', async () => {
    const terminal = await cluster({ term: 'xterm-256color' });
    const colours = coloursOf(terminal);
    assert([...colours].some((one) => /^38;5;\d{2,3}$/.test(one)));
  });

  it('has 16 colours where it can show no more, and the selection is marked by more than colour', async () => {
    const terminal = await cluster({ term: 'screen' });
    const colours = [...coloursOf(terminal)];
    assert(colours.length > 0);
    assert(
      each(colours, (one) => /^(3[0-7]|4[0-7]|9[0-7]|10[0-7]|38;5;(\d|1[0-5]))$/.test(one)),
      colours.join(' '),
    );
    assert(
      terminal.looks().some((look) => look.split(';').includes('7')),
      'inverse',
    );
  });

  it('has none with NO_COLOR, and tells everything by words and signs', async () => {
    const terminal = await cluster({ environment: { NO_COLOR: '1' } });
    assert.deepEqual([...coloursOf(terminal)], []);
    const screen = terminal.screen();
    for (const reported of ['✗ lost', '● live', 'SYN_SENT', '▸ Connections', '▼RATE OUT'])
      assert(screen.includes(reported), reported);
    assert(
      terminal.looks().some((look) => look.split(';').includes('7')),
      'inverse',
    );
  });

  it('that is dumb gets the overview once, as plain text', async () => {
    const terminal = opened(new Tmux({ width: 200, height: 60, term: 'dumb' }));
    terminal.type(`${kflow('replay', EXAMPLE, '--at', '1m20s').join(' ')}; echo "status $?"\n`);
    const screen = await terminal.shows(/^status \d$/m, 20_000);
    assert.match(screen, /^status 0$/m);
    assert.match(screen, /^kflow · .* 3\/3 agents · 1 problem /m);
  });

  it('where there is none, the overview is printed once, as plain text, with status 0', () => {
    const [node = '', ...words] = kflow('replay', EXAMPLE, '--at', '1m20s');
    const { status, stdout, stderr } = spawnSync(node, words, { encoding: 'utf8', timeout: 20_000 });
    assert.deepEqual([status, stderr], [0, '']);
    assert.ok(!stdout.includes('\x1b'));
    assert.match(stdout, /^critical: TCP SYN unanswered: shop\/payments:80 /m);
  });

  it('where there is none and nothing to show, the reason and the next step, with status 1', () => {
    const [node = '', ...words] = kflow('--endpoints', '127.0.0.1:1', '--request-timeout', '2s');
    const { status, stdout, stderr } = spawnSync(node, words, { encoding: 'utf8', timeout: 20_000 });
    assert.deepEqual([status, stdout], [1, '']);
    assert.match(stderr, /^kflow: 127\.0\.0\.1:1: lost: .*ECONNREFUSED/);
  });

  it('is sent nothing that names from outside would have it do', async () => {
    const terminal = opened(fixedConsole('hostile'));
    const screen = await terminal.shows(/evil/);
    assert.match(screen, /␛.*evil/);
    assert.doesNotMatch(terminal.ask('#{pane_title}'), /owned/);
    assert.match(screen, /▸ Connections/);
    terminal.keys('y');
    await terminal.shows(/copied/);
    assert.doesNotMatch(terminal.clipboard(), /[^\P{Cc}\t\n]/u);
  });
});

describe('what an empty view says', { skip: tmuxUnavailable() ?? false }, () => {
  it('no agents: how to get one', async () => {
    const terminal = fixedConsole('noAgents');
    try {
      await terminal.shows('No agents in namespace kflow: `kflow install`, or `kflow --local`');
    } finally {
      terminal.close();
    }
  });

  it('no connection is tracked: why, and what to do', async () => {
    const terminal = fixedConsole('untracked', { width: 80, height: 24 });
    try {
      await terminal.shows(/The conntrack table is empty/);
      await terminal.shows(/`kflow doctor` checks why/);
    } finally {
      terminal.close();
    }
  });

  it('nothing matches: how to see more', async () => {
    const terminal = fixedConsole('cluster');
    try {
      await terminal.shows(/SYN_SENT/);
      terminal.keys('/');
      terminal.type('nobody');
      terminal.keys('Enter');
      await terminal.shows(/Nothing matches the filter\. Esc clears it\./);
      terminal.keys('Escape');
      await terminal.shows(/SYN_SENT/);
      terminal.keys('f', 'f', 'f', 'v', 'v');
      await terminal.shows(/No connections in this selection/);
    } finally {
      terminal.close();
    }
  });

  it('no problems: that this is good news', async () => {
    const terminal = fixedConsole('healthy');
    try {
      await terminal.shows(/3\/3 agents/);
      terminal.keys('6');
      await terminal.shows(/No problems/);
    } finally {
      terminal.close();
    }
  });

  it('accounting is off: says so once, with the command that turns it on; rates are unknown, not 0', async () => {
    const terminal = fixedConsole('accountingOff');
    try {
      const screen = await terminal.shows(/SYN_SENT/);
      assert.equal(screen.split('sysctl -w net.netfilter.nf_conntrack_acct=1').length, 2, 'once');
      const { rows } = tableOf(screen, 'Connections');
      assert(each(rows, (row) => row['RATE OUT'] === '–' && row['RATE IN'] === '–' && row.TOTAL === '–'));
    } finally {
      terminal.close();
    }
  });

  it('this machine tracks nothing: which, why, and what to do', { skip: labUnavailable() ?? false }, async () => {
    const terminal = new Tmux({ width: 120, height: 30, command: ['unshare', '--net', ...kflow('--local')] });
    try {
      await terminal.shows(/tracks no connections here/);
      await terminal.shows(/`T` turns connection tracking on/);
    } finally {
      terminal.close();
    }
  });
});
