/** The shipped program and pipes whose other end does nothing: it says so, and each signal ends it. */
import assert from 'node:assert/strict';
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, constants, existsSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { FileAgent, lineOf } from '../unit/agent/file-agent.ts';
import { KFLOW, runKflowProcess, runProcess } from '../unit/client/cli/commands/run-process.ts';

let made = 0;
const folder = mkdtempSync(join(tmpdir(), 'kflow-pipes-'));
const pipe = makePipe();
after(() => rmSync(folder, { recursive: true }));

function makePipe(): string {
  const path = join(folder, `pipe${++made}`);
  execFileSync('mkfifo', [path]);
  return path;
}

/** Waits for its end, and kills what does not end: no test shall leave it. */
async function statusOf(child: ChildProcess, maxMs = 5_000): Promise<number | null | 'hangs'> {
  const timer = setTimeout(() => child.kill('SIGKILL'), maxMs);
  const [status, signal] = (await once(child, 'exit')) as [number | null, string | null];
  clearTimeout(timer);
  return signal === 'SIGKILL' ? 'hangs' : status;
}

function start(args: readonly string[]): ChildProcess {
  return spawn(process.execPath, [KFLOW, ...args], { stdio: ['ignore', 'ignore', 'ignore'] });
}

describe('a pipe is no recording', { concurrency: 2 }, () => {
  for (const args of [
    ['flows', '--recording', pipe],
    ['replay', pipe],
  ])
    it(`of kflow ${args.join(' ').replace(pipe, 'PIPE')}, which says so at once`, async () => {
      const child = spawn(process.execPath, [KFLOW, ...args], { stdio: ['ignore', 'ignore', 'pipe'] });
      let err = '';
      child.stderr.on('data', (piece) => {
        err += piece;
      });
      const status = await statusOf(child);
      assert.notEqual(status, 'hangs');
      assert.equal(err, `kflow: ${pipe}: a pipe or a device: save the recording to a file first\n`);
    });

  it('on standard input', async () => {
    const script = `true | "${process.execPath}" "${KFLOW}" flows --recording /dev/stdin`;
    const { status, err } = await runProcess('bash', ['-c', script]);
    assert.deepEqual([status, err], [1, 'kflow: /dev/stdin: a pipe or a device: save the recording to a file first\n']);
  });

  it('and a file of the kernel that waits for more is empty', {
    skip: existsSync('/proc/kmsg') ? false : 'needs /proc/kmsg',
  }, async () => {
    const { status, err } = await runKflowProcess(['flows', '--recording', '/proc/kmsg']);
    assert.equal(status, 1);
    assert.match(
      err,
      /^kflow: \/proc\/kmsg: (empty: nothing was recorded|operation not permitted|permission denied)\n$/,
    );
  });
});

describe('a pipe that is written', { concurrency: 2 }, () => {
  for (const force of [[], ['--force']])
    it(`and that nobody reads: Ctrl-C ends record ${force.join()}`, async (t) => {
      const agent = await FileAgent.start(t, lineOf({ port: 1 }));
      const pipe = makePipe();
      const child = start(['record', pipe, ...force, '--endpoints', agent.address]);
      await delay(1_500);
      assert.equal(child.exitCode, null);
      child.kill('SIGINT');
      assert.equal(await statusOf(child), 130);
    });

  it('and that nobody reads is an error after a while', { timeout: 30_000 }, async (t) => {
    const agent = await FileAgent.start(t, lineOf({ port: 1 }));
    const pipe = makePipe();
    const { status, err } = await runKflowProcess(['record', pipe, '--endpoints', agent.address]);
    assert.deepEqual([status, err], [1, `kflow: ${pipe}: nobody reads this pipe (10 s)\n`]);
  });

  it('whose reader stalls: SIGTERM ends record', async (t) => {
    const pipe = makePipe();
    // More than the 64 KiB that a pipe holds.
    const rows = Array.from({ length: 20_000 }, (_, i) => ({ port: 1 + i, bytes: (i * 2_654_435_761) % 2 ** 32 }));
    const agent = await FileAgent.start(t, rows);
    const reader = openSync(pipe, constants.O_RDONLY | constants.O_NONBLOCK);
    t.after(() => closeSync(reader));
    const child = start(['record', pipe, '--endpoints', agent.address]);
    await fills(pipe);
    child.kill('SIGTERM');
    assert.equal(await statusOf(child), 143);
  });

  it('is written as it is', async (t) => {
    const agent = await FileAgent.start(t, lineOf({ port: 1 }));
    const pipe = makePipe();
    const read = runProcess('cat', [pipe]);
    const { status, err } = await runKflowProcess(['record', pipe, '--duration', '1s', '--endpoints', agent.address]);
    assert.equal(status, 0, err);
    assert.match((await read).out, /^kflow recording /);
  });
});

/** Until the program has filled it: then not even a byte more has room. */
async function fills(path: string): Promise<void> {
  const writer = openSync(path, constants.O_WRONLY | constants.O_NONBLOCK);
  try {
    for (let tries = 0; tries < 200; tries++) {
      writeSync(writer, '.');
      await delay(50);
    }
    assert.fail('the program has not filled the pipe');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error;
  } finally {
    closeSync(writer);
  }
}
