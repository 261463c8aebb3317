import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { credentials } from '@grpc/grpc-js';
import { type AgentDescription, decodeAgent } from '../../src/wire/agent.ts';
import type { WatchFlowsRequest } from '../../src/wire/gen/kflow/v1/WatchFlowsRequest.ts';
import { FlowServiceClient } from '../../src/wire/service.ts';
import type { NetworkNamespace } from './namespace.ts';
import { until } from './until.ts';
import { Watch } from './watch.ts';

const AGENT = fileURLToPath(new URL('../../src/agent/main.ts', import.meta.url));

export interface AgentOptions {
  /** A folder that is there, for the socket. */
  readonly folder: string;
  /** Default "1s". */
  readonly interval?: string;
  /** HOST:PORT of the namespace to listen on, in the place of the socket. */
  readonly tcp?: string;
  /** Default: the sources. */
  readonly program?: string;
  readonly environment?: Readonly<Record<string, string>>;
  /** What starts it: a program and its arguments, to which the agent's own command is added. */
  readonly wrapper?: readonly string[];
}

/** An agent in a namespace, over that namespace's table unless CONNTRACK_PATH says otherwise. */
export class LabAgent {
  /** "unix:…": a socket that is reached from any namespace; or what `tcp` was, which is reached from its own alone. */
  readonly address: string;
  readonly process: ChildProcess;
  readonly client: FlowServiceClient;
  /** What it wrote to stderr. */
  log = '';
  readonly #watches: Watch[] = [];

  private constructor(address: string, process: ChildProcess) {
    this.address = address;
    this.process = process;
    this.client = new FlowServiceClient(address, credentials.createInsecure(), {
      'grpc.use_local_subchannel_pool': 1,
      'grpc-node.flow_control_window': 4 * 1024 * 1024,
    });
    process.stderr?.on('data', (piece) => {
      this.log += piece;
    });
  }

  /** Starts one, and waits until it listens. */
  static async start(namespace: NetworkNamespace, options: AgentOptions): Promise<LabAgent> {
    const address = options.tcp ?? `unix:${options.folder}/${namespace.name}.sock`;
    const [command = '', ...args] = [...(options.wrapper ?? []), process.execPath, options.program ?? AGENT];
    const child = namespace.spawn(command, args, {
      stdio: ['ignore', 'inherit', 'pipe'],
      env: {
        ...process.env,
        KUBE_NODE_NAME: namespace.name,
        KFLOW_LISTEN: address,
        KFLOW_INTERVAL: options.interval ?? '1s',
        ...options.environment,
      },
    });
    const agent = new LabAgent(address, child);
    try {
      await until('the agent listens', 10_000, () => {
        if (!agent.log.includes('serving kflow')) throw new Error(`the agent wrote: ${agent.log}`);
      });
    } catch (error) {
      agent.client.close();
      child.kill('SIGKILL');
      throw error;
    }
    return agent;
  }

  about(): Promise<AgentDescription> {
    return new Promise((resolve, reject) => {
      this.client.getAgent({}, (error, response) => {
        if (error === null && response !== undefined) resolve(decodeAgent(response));
        else reject(error);
      });
    });
  }

  watch(request: WatchFlowsRequest = {}): Watch {
    const watch = new Watch(this.client.watchFlows(request));
    this.#watches.push(watch);
    return watch;
  }

  /** Ends it as an operator would; its exit status. */
  async stop(): Promise<number | null> {
    for (const watch of this.#watches) watch.close();
    this.client.close();
    if (this.process.exitCode !== null || this.process.signalCode !== null) return this.process.exitCode;
    const exited = once(this.process, 'exit');
    this.process.kill('SIGTERM');
    const [status] = await exited;
    return status;
  }
}
