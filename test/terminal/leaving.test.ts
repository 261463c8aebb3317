import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, afterEach, before, describe, it } from 'node:test';
import { until } from '../lab/until.ts';
import { kflow, Stage, stageUnavailable } from './stage.ts';
import { DEADLINE_MS, type Tmux } from './tmux.ts';

describe('the way out of the console', { skip: stageUnavailable() ?? false }, () => {
  let stage: Stage;
  before(async () => {
    stage = await Stage.open();
  });
  afterEach(() => stage.clear());
  after(() => stage.close());

  /** A shell with a console in it, and what the terminal was like before. */
  async function inShell(command = kflow(...stage.endpoints)): Promise<{ shell: Tmux; settings: string }> {
    const shell = stage.terminal();
    await shell.shows('ready$');
    shell.type('stty -g; echo before\n');
    await shell.shows(/^before$/m);
    const settings = shell.lines().find((line) => /^[0-9a-f]+(:[0-9a-f]+)+$/.test(line));
    assert(settings !== undefined);
    shell.type(`${command.join(' ')}; echo "status $?"\n`);
    await shell.shows(/ESTABLISHED/);
    assert.equal(shell.ask('#{alternate_on} #{mouse_any_flag} #{cursor_flag}'), '1 1 0');
    return { shell, settings };
  }

  /** The shell is as it was: its own screen with what was on it, no mouse, a cursor, the same settings. */
  async function isRestored(shell: Tmux, settings: string, status: number): Promise<void> {
    const screen = await shell.shows(/^status \d+$/m);
    assert.match(screen, new RegExp(`^status ${status}$`, 'm'));
    assert.match(screen, /^before$/m);
    assert.equal(shell.ask('#{alternate_on} #{mouse_any_flag} #{cursor_flag}'), '0 0 1');
    shell.type('clear; stty -g; echo after\n');
    await shell.shows(/^after$/m);
    assert(shell.lines().includes(settings), 'the settings of the terminal');
  }

  function consoleProcess(shell: Tmux): number {
    const pid = Number(shell.ask('#{pane_pid}'));
    return childOf(pid);
  }

  for (const [way, keys, status] of [
    ['q', ['q'], 0],
    [':q', [':', 'q', 'Enter'], 0],
    ['Ctrl-C', ['C-c'], 130],
  ] as const) {
    it(`${way} restores the terminal and exits with ${status}`, async () => {
      const { shell, settings } = await inShell();
      shell.keys(...keys);
      await isRestored(shell, settings, status);
    });
  }

  for (const [signal, status] of [
    ['SIGTERM', 143],
    ['SIGHUP', 129],
    ['SIGINT', 130],
    ['SIGQUIT', 131],
  ] as const) {
    it(`${signal} restores the terminal and exits with ${status}`, async () => {
      const { shell, settings } = await inShell();
      process.kill(consoleProcess(shell), signal);
      await isRestored(shell, settings, status);
    });
  }

  it('running out of memory restores the terminal, and is reported on the screen', async () => {
    const [node = '', ...words] = kflow(...stage.endpoints);
    const fill =
      "const k=[];const m=()=>{for(let i=0;i<2000;i++)k.push({i,t:'x'.repeat(64)+i});setImmediate(m)};process.on('SIGUSR2',m)";
    const { shell, settings } = await inShell([
      node,
      '--max-old-space-size=128',
      `--import "data:text/javascript,${fill}"`,
      ...words,
    ]);
    process.kill(consoleProcess(shell), 'SIGUSR2');
    const screen = await shell.shows(/^status \d+$/m);
    assert.match(screen, /kflow: out of memory: more than kflow may use \(128 MiB\)/);
    await isRestored(shell, settings, 1);
  });

  it('a fault in it restores the terminal, and tells of the fault on the screen', async () => {
    const [node = '', ...words] = kflow(...stage.endpoints);
    const faulty = `--import "data:text/javascript,process.on('SIGUSR2',()=>{throw(new(Error)('provoked'))})"`;
    const { shell, settings } = await inShell([node, faulty, ...words]);
    process.kill(consoleProcess(shell), 'SIGUSR2');
    const screen = await shell.shows(/^status \d+$/m);
    assert.match(screen, /kflow: this is a fault in kflow: Error: provoked/);
    await isRestored(shell, settings, 1);
  });

  it('losing what started it, it leaves the terminal to the shell', async () => {
    const words = JSON.stringify(kflow(...stage.endpoints)).replaceAll('"', "'");
    const parent = `const [node, ...words] = ${words}; require('child_process').spawn(node, words, { stdio: 'inherit' })`;
    const { shell, settings } = await inShell([process.execPath, '-e', `"${parent}"`]);
    const started = consoleProcess(shell);
    const pid = childOf(started);
    process.kill(started, 'SIGKILL');
    await until('the console has ended', DEADLINE_MS, () => assert(!isAlive(pid)));
    // What the shell said of its end was said on the console's screen.
    shell.type('echo "status $?"\n');
    await isRestored(shell, settings, 0);
  });

  it('Ctrl-Z gives the terminal back, and fg draws the console again', async () => {
    const { shell } = await inShell();
    shell.keys('C-z');
    await shell.shows(/Stopped/);
    assert.equal(shell.ask('#{alternate_on} #{mouse_any_flag} #{cursor_flag}'), '0 0 1');
    shell.type('echo mine\n');
    await shell.shows(/^mine$/m);
    shell.type('fg; echo "status $?"\n');
    await shell.shows(/3\/3 agents/);
    assert.equal(shell.ask('#{alternate_on} #{mouse_any_flag} #{cursor_flag}'), '1 1 0');
    shell.keys('2');
    await shell.shows((screen) => !screen.includes('Nodes 3'));
    shell.keys('q');
    await shell.shows(/^status 0$/m);
  });

  it('ends when its terminal goes', async () => {
    const { shell } = await inShell();
    const pid = consoleProcess(shell);
    shell.close();
    await until('the console has ended', DEADLINE_MS, () => assert(!isAlive(pid)));
  });
});

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

function childOf(pid: number): number {
  return Number(readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ')[0]);
}
