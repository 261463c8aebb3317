import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { NetworkNamespace } from '../lab/namespace.ts';
import { labUnavailable } from '../lab/requirements.ts';
import { until } from '../lab/until.ts';
import { kflow } from './stage.ts';
import { Tmux, tmuxUnavailable } from './tmux.ts';

const SECONDS = 1000;

/** A console over a network namespace in which the kernel tracks nothing. */
describe('an empty console', { skip: labUnavailable() ?? tmuxUnavailable() ?? false }, () => {
  async function opened(t: { after: (fn: () => unknown) => void }) {
    const namespace = await NetworkNamespace.create('empty');
    t.after(() => namespace.close());
    const open = async () => {
      const command = ['nsenter', `--net=/proc/${namespace.pid}/ns/net`, ...kflow('--local')];
      const terminal = new Tmux({ width: 130, height: 36, command });
      t.after(() => terminal.close());
      await terminal.shows(/no connections here/, 15 * SECONDS);
      return terminal;
    };
    return { namespace, open, terminal: await open() };
  }

  const tables = async (namespace: NetworkNamespace) => (await namespace.run('nft', ['list', 'tables'])).trim();
  const noTables = (namespace: NetworkNamespace) =>
    until('no nft table is left', 5 * SECONDS, async () => assert.equal(await tables(namespace), ''));

  it('says why in one line, and offers keys; view 6 lists it', async (t) => {
    const { terminal } = await opened(t);
    const screen = terminal.screen();
    assert.match(screen, /│ +the kernel tracks no connections here: no firewall rule uses connection state \(.*\) *│/);
    assert.match(screen, /│ +`R` replays a recorded incident · `T` turns connection tracking on/);
    terminal.keys('6');
    await terminal.shows(/· info +0 no connections tracked/, 5 * SECONDS);
  });

  it('T asks, turns tracking on with a table of its own, and takes it back when kflow ends', async (t) => {
    const { namespace, terminal } = await opened(t);
    terminal.keys('T');
    await terminal.shows(/Turn tracking on \(nft table inet kflow_\w+\) until kflow ends\? \[y\/N\]/, 5 * SECONDS);
    terminal.keys('n');
    await terminal.shows((one) => !one.includes('[y/N]'), 5 * SECONDS);
    assert.equal(await tables(namespace), '', 'no is no');
    terminal.keys('T');
    await terminal.shows(/\[y\/N\]/, 5 * SECONDS);
    terminal.keys('y');
    await terminal.shows(/tracking is on/, 5 * SECONDS);
    assert.match(await tables(namespace), /^table inet kflow_\w+$/);
    await namespace.run('bash', ['-c', 'echo x >/dev/udp/127.0.0.1/9']);
    await terminal.shows(/ udp +9 /, 5 * SECONDS);
    terminal.keys('q');
    await noTables(namespace);
  });

  it('what a killed kflow left behind, the next one removes; SIGTERM leaves nothing', async (t) => {
    const { namespace, open, terminal } = await opened(t);
    terminal.keys('T');
    await terminal.shows(/\[y\/N\]/, 5 * SECONDS);
    terminal.keys('y');
    await terminal.shows(/tracking is on/, 5 * SECONDS);
    const left = await tables(namespace);
    process.kill(Number(terminal.ask('#{pane_pid}')), 'SIGKILL');
    // By which signal, tmux does not always tell.
    await until('the console is gone', 5 * SECONDS, () => assert.equal(terminal.ask('#{pane_dead}'), '1'));
    assert.equal(await tables(namespace), left);
    const next = await open();
    assert.equal(await tables(namespace), '');
    next.keys('T');
    await next.shows(/\[y\/N\]/, 5 * SECONDS);
    next.keys('y');
    await next.shows(/tracking is on/, 5 * SECONDS);
    process.kill(Number(next.ask('#{pane_pid}')), 'SIGTERM');
    await noTables(namespace);
  });

  it('R replays the recording that ships with kflow', async (t) => {
    const { terminal } = await opened(t);
    terminal.keys('R');
    await terminal.shows(/recording 0:\d\d\/2:\d\d/, 10 * SECONDS);
  });
});
