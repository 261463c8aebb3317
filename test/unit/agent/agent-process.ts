import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import { credentials } from '@grpc/grpc-js';
import { FlowServiceClient } from '../../../src/wire/service.ts';

const MAIN = fileURLToPath(new URL('../../../src/agent/main.ts', import.meta.url));

/** The shipped agent in a process of its own, over a file that the test writes. */
export class AgentProcess {
  log = '';
  readonly path: string;
  readonly #child: ChildProcess;

  private constructor(t: TestContext, table: string, env: NodeJS.ProcessEnv) {
    const folder = mkdtempSync(join(tmpdir(), 'kflow-agent-'));
    this.path = join(folder, 'nf_conntrack');
    writeFileSync(this.path, table);
    this.#child = spawn(process.execPath, [MAIN, '--listen', '127.0.0.1:0'], {
      stdio: ['ignore', 'ignore', 'pipe'],
      env: { ...process.env, CONNTRACK_PATH: this.path, KFLOW_INTERVAL: '100ms', KFLOW_MAX_DUTY: '1', ...env },
    });
    t.after(() => {
      this.#child.kill('SIGKILL');
      rmSync(folder, { recursive: true });
    });
  }

  static start(t: TestContext, table: string, env: NodeJS.ProcessEnv = {}): Promise<AgentProcess> {
    const agent = new AgentProcess(t, table, env);
    return new Promise((resolve, reject) => {
      agent.#child.stderr?.setEncoding('utf8').on('data', (piece: string) => {
        agent.log += piece;
        if (agent.address !== '') resolve(agent);
      });
      agent.#child.on('exit', () => reject(new Error(`the agent has ended:\n${agent.log}`)));
    });
  }

  /** "127.0.0.1:40001" */
  get address(): string {
    return /serving kflow\S* on (\S+)\n/.exec(this.log)?.[1] ?? '';
  }

  /** What it has in memory now, and at most had, in bytes. */
  get memory(): { readonly now: number; readonly most: number } {
    const status = readFileSync(`/proc/${this.#child.pid}/status`, 'utf8');
    const kilobytes = (name: string) => Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(status)?.[1]);
    return { now: 1024 * kilobytes('VmRSS'), most: 1024 * kilobytes('VmHWM') };
  }

  /** A connection of its own. */
  connect(t: TestContext): FlowServiceClient {
    const client = new FlowServiceClient(this.address, credentials.createInsecure(), {
      'grpc.use_local_subchannel_pool': 1,
    });
    t.after(() => client.close());
    return client;
  }
}
