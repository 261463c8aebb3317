/** kflow as a process: signals, slow readers, and agents that stand still. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import {
  closeSync,
  createReadStream,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { Recorder } from '../../src/client/recording/recorder.ts';
import { FileAgent, lineOf } from '../unit/agent/file-agent.ts';
import { KFLOW, runKflowProcess, runProcess } from '../unit/client/cli/commands/run-process.ts';
import { connection, snapshot } from '../unit/client/tui/fixtures.ts';

const AGENT = fileURLToPath(new URL('../../src/agent/main.ts', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'kflow-processes-'));
const file = (name: string) => join(folder, name);
after(() => rmSync(folder, { recursive: true }));

/** So many connections, as a recording of one moment. */
function recordingOf(connections: number): string {
  const recorder = new Recorder();
  const rows = Array.from({ length: connections }, (_, i) => connection({ id: i + 1, sourcePort: 1 + (i % 60_000) }));
  const taken = snapshot(rows);
  const path = file(`${connections}.kflow`);
  writeFileSync(
    path,
    Buffer.concat([recorder.begin({ writer: 'test', startedAt: taken.at }), recorder.take(taken, 0), recorder.end(0)]),
  );
  return path;
}

const digest = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');
/** The most memory that a process has had, in bytes; 0 once it has ended. */
function peakOf(pid: number): number {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  return 1024 * Number(/^VmHWM:\s+(\d+)/m.exec(status)?.[1] ?? 0);
}

describe('a slow reader', { concurrency: 2 }, () => {
  const recording = recordingOf(28_000);
  for (const output of ['json', 'csv'])
    it(`gets every byte of 28,000 rows as ${output}, and costs no memory`, async () => {
      const args = ['flows', '--recording', recording, '-o', output];
      const path = file(`whole.${output}`);
      const out = openSync(path, 'w');
      assert.equal((await runKflowProcess(args, { out })).status, 0);
      closeSync(out);
      const whole = readFileSync(path);
      assert.ok(statSync(path).size > (output === 'json' ? 10e6 : 3e6), `${statSync(path).size}`);

      const child = spawn(process.execPath, [KFLOW, ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
      const pieces: Buffer[] = [];
      let peak = 0;
      for await (const piece of child.stdout) {
        pieces.push(piece);
        if (pieces.length % 20 === 1) await delay(10);
        if (child.exitCode === null) peak = Math.max(peak, peakOf(child.pid ?? 0));
      }
      if (child.exitCode === null) await once(child, 'exit');
      assert.equal(child.exitCode, 0);
      assert.equal(digest(Buffer.concat(pieces)), digest(whole));
      assert.ok(peak > 0 && peak < 400e6, `${Math.round(peak / 1e6)} MB`);
    });
});

it('the reader of flows that ends (| head -1) has what it wanted: status 0, and not a word', async () => {
  const script = 'set -o pipefail; "$0" "$@" | head -n 1';
  const recording = recordingOf(3_000);
  const command = ['-c', script, process.execPath, KFLOW, 'flows', '--recording', recording];
  const { status, out, err } = await runProcess('bash', command);
  assert.deepEqual([status, out.split('\n').length, err], [0, 2, '']);
});

describe('Ctrl-C', { concurrency: 3 }, () => {
  it('once: flows -f ends with 130, without a word', async (t) => {
    const agent = await FileAgent.start(t, [{ port: 1, bytes: 1 }]);
    const { status, err } = await runKflowProcess(['flows', '-f', '-o', 'json', '--endpoints', agent.address], {
      read: (_, kill) => kill('SIGINT'),
    });
    assert.deepEqual([status, err], [130, '']);
  });

  it('twice: it ends at once, though what it writes to takes nothing', async (t) => {
    const script = `"$0" "$@" > '${file('fifo')}'`;
    await runProcess('mkfifo', [file('fifo')]);
    const args = ['flows', '--recording', recordingOf(15_000), '-o', 'json'];
    const child = spawn('bash', ['-c', `exec ${script}`, process.execPath, KFLOW, ...args], { stdio: 'ignore' });
    t.after(() => child.kill('SIGKILL'));
    // A reader that takes a little, and then nothing more.
    const reader = createReadStream(file('fifo'), { highWaterMark: 1 });
    t.after(() => reader.destroy());
    await once(reader, 'data');
    reader.pause();
    const exited = once(child, 'exit');
    child.kill('SIGINT');
    child.kill('SIGINT');
    const began = performance.now();
    const [status] = await exited;
    assert.equal(status, 130);
    assert.ok(performance.now() - began < 2_700, 'the grace of one signal is three seconds');
  });

  it('once: an agent with a stream ends with 0, and the client says why', async (t) => {
    writeFileSync(file('table'), lineOf({ port: 1 }));
    const socket = `unix:${file('agent.sock')}`;
    const agent = spawn(process.execPath, [AGENT, '--listen', socket], {
      stdio: ['ignore', 'ignore', 'pipe'],
      env: { ...process.env, CONNTRACK_PATH: file('table'), KUBE_NODE_NAME: 'node1' },
    });
    t.after(() => agent.kill('SIGKILL'));
    await once(agent.stderr, 'data');
    const exited = once(agent, 'exit');
    let isAsked = false;
    const { err } = await runKflowProcess(['flows', '-f', '-o', 'json', '--endpoints', socket], {
      read: () => {
        if (!isAsked) agent.kill('SIGINT');
        isAsked = true;
      },
      heard: (text, kill) => {
        if (/node1.*: lost/.test(text)) kill('SIGINT');
      },
    });
    assert.deepEqual((await exited).slice(0, 1), [0]);
    assert.match(err, /^kflow: node1 \(unix:.*\): lost: the agent is shutting down/m);
  });
});

it('the rows of an agent that stands still are stale, and it is said', { timeout: 30_000 }, async (t) => {
  writeFileSync(file('frozen'), lineOf({ port: 1 }));
  const socket = `unix:${file('frozen.sock')}`;
  const agent = spawn(process.execPath, [AGENT, '--listen', socket], {
    stdio: ['ignore', 'ignore', 'pipe'],
    env: { ...process.env, CONNTRACK_PATH: file('frozen'), KUBE_NODE_NAME: 'node1', KFLOW_INTERVAL: '200ms' },
  });
  t.after(() => agent.kill('SIGKILL'));
  await once(agent.stderr, 'data');
  let out = '';
  const { err } = await runKflowProcess(['flows', '-f', '-o', 'json', '--endpoints', socket], {
    read: (text, kill) => {
      if (out === '') agent.kill('SIGSTOP');
      out += text;
      if (/"stale":true/.test(out)) kill('SIGINT');
    },
  });
  assert.match(out, /"stale":true/);
  assert.match(err, /^kflow: node1 \(unix:.*\): stale/m);
});
