import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { credentials } from '@grpc/grpc-js';
import { createLog } from '../../../src/agent/log.ts';
import { type RunningAgent, startAgent } from '../../../src/agent/server.ts';
import type { WatchFlowsRequest } from '../../../src/wire/gen/kflow/v1/WatchFlowsRequest.ts';
import { FlowServiceClient } from '../../../src/wire/service.ts';
import { Watch } from '../../lab/watch.ts';

export interface Row {
  readonly port: number;
  readonly bytes?: number;
  readonly state?: string;
  readonly source?: string;
  /** Then it has no timeout, which in a file does not run down as the kernel's does. */
  readonly offloaded?: boolean;
}

/** A line as the kernel prints it. */
export function lineOf({ port, bytes, state = 'ESTABLISHED', source = '10.0.0.1', offloaded = false }: Row): string {
  const count = bytes === undefined ? '' : `packets=${Math.ceil(bytes / 100)} bytes=${bytes} `;
  return (
    `ipv4     2 tcp      6 ${offloaded ? '' : `500 ${state} `}src=${source} dst=192.0.2.1 sport=${port} dport=443 ${count}` +
    `src=192.0.2.1 dst=${source} sport=443 dport=${port} ${count}[${offloaded ? 'OFFLOAD' : 'ASSURED'}] mark=0 zone=0 use=1\n`
  );
}

/** An agent in this process over a file that the test writes, and clients of it. */
export class FileAgent {
  readonly folder = mkdtempSync(join(tmpdir(), 'kflow-agent-'));
  readonly path = join(this.folder, 'nf_conntrack');
  log = '';
  client!: FlowServiceClient;
  #agent!: RunningAgent;

  static async start(
    t: TestContext,
    table: readonly Row[] | string,
    metrics = false,
    { nodeName = 'test', intervalMs = 50 } = {},
  ): Promise<FileAgent> {
    const file = new FileAgent();
    t.after(() => file.close());
    if (typeof table === 'string') file.writeText(table);
    else file.write(table);
    const log = createLog((text) => {
      file.log += text;
    }, true);
    file.#agent = await startAgent(
      {
        nodeName,
        conntrackPath: file.path,
        source: 'auto',
        hostIp: undefined,
        readerSocket: '/nonexistent/reader.sock',
        network: 'node',
        listen: `unix:${join(file.folder, 'agent.sock')}`,
        metricsListen: metrics ? `unix:${join(file.folder, 'metrics.sock')}` : undefined,
        intervalMs,
        maxDuty: 1,
        debug: true,
      },
      log,
      { checkMs: 100 },
    );
    file.client = file.connect();
    return file;
  }

  get address(): string {
    return this.#agent.address;
  }

  /** The polls that the agent has made. */
  get polls(): number {
    return this.log.split('poll: ').length - 1;
  }

  connect(): FlowServiceClient {
    return new FlowServiceClient(this.#agent.address, credentials.createInsecure(), {
      'grpc.use_local_subchannel_pool': 1,
    });
  }

  /** The whole table, at once, as a kernel would show it. */
  write(rows: readonly Row[]): void {
    this.writeText(rows.map(lineOf).join(''));
  }

  writeText(text: string): void {
    writeFileSync(`${this.path}.new`, text);
    renameSync(`${this.path}.new`, this.path);
  }

  watch(request: WatchFlowsRequest = {}, client = this.client): Watch {
    const watch = new Watch(client.watchFlows(request));
    watch.filtered = request.filter !== undefined || request.maxFlows !== undefined;
    return watch;
  }

  stop(): Promise<void> {
    return this.#agent.close();
  }

  async close(): Promise<void> {
    this.client?.close();
    await this.#agent?.close();
    rmSync(this.folder, { recursive: true, force: true });
  }
}
