import type { ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { NetworkNamespace } from './namespace.ts';
import type { Answer, Order } from './peer-process.ts';

/** Nobody answers at this port of a lab's host, not even with a refusal. */
export const DROPPED_PORT = 9;

const PROGRAM = fileURLToPath(new URL('peer-process.ts', import.meta.url));

/** Makes traffic from within a namespace: sockets of a process there, started at the first order. */
export class Peer {
  readonly #namespace: NetworkNamespace;
  #process: ChildProcess | undefined;
  readonly #waiting = new Map<number, (answer: Answer) => void>();
  #last = 0;

  constructor(namespace: NetworkNamespace) {
    this.#namespace = namespace;
  }

  /** Listens, and sends back what comes, at both families' addresses; datagrams after `delayMs`. */
  async echo(protocol: 'tcp' | 'udp', port: number, delayMs?: number): Promise<void> {
    await this.#order({ kind: 'echo', protocol, port, ...(delayMs === undefined ? {} : { delayMs }) });
  }

  /** Listens; answers each request of some bytes with so many, and then ends the connection, as a web server would. */
  async web(port: number, bytes: number): Promise<void> {
    await this.#order({ kind: 'web', port, bytes });
  }

  /** Listens; takes what comes, and sends as fast as it is asked to by `stream`. */
  async streams(port: number): Promise<void> {
    await this.#order({ kind: 'streams', port });
  }

  /** A request to `web`, on a connection of its own; the length of the answer. */
  async fetch(address: string, port: number, bytes: number): Promise<number> {
    return this.#order({ kind: 'fetch', address, port, bytes });
  }

  /** Opens a connection to `streams`, over which then flow so many bytes per second. It stays until this peer ends. */
  async stream(address: string, port: number, bytesPerSecond: { up: number; down: number }): Promise<void> {
    await this.#order({ kind: 'stream', address, port, ...bytesPerSecond });
  }

  /** Opens one connection to `streams` after another; each sends so many bytes per second for its lifetime. Until this peer ends. */
  async visits(address: string, port: number, lifetimeMs: number, up: number): Promise<void> {
    await this.#order({ kind: 'visits', address, port, lifetimeMs, up });
  }

  /** Opens a connection. Rejects with the error's code (ECONNREFUSED …). */
  async connect(address: string, port: number, localPort?: number): Promise<PeerConnection> {
    const id = await this.#order({ kind: 'connect', address, port, ...(localPort ? { localPort } : {}) });
    return {
      send: async (bytes) => void (await this.#order({ kind: 'send', connection: id, bytes })),
      write: async (bytes) => void (await this.#order({ kind: 'write', connection: id, bytes })),
      end: async () => void (await this.#order({ kind: 'end', connection: id })),
      reset: async () => void (await this.#order({ kind: 'reset', connection: id })),
    };
  }

  /** Sends SYNs, and does not wait for the answer. */
  async knock(address: string, port: number, localPort?: number): Promise<void> {
    await this.#order({ kind: 'knock', address, port, ...(localPort ? { localPort } : {}) });
  }

  /** Sends a datagram of some bytes, and waits for an answer unless reported not to; the length of the answer. */
  async ask(address: string, port: number, bytes: number, options: AskOptions = {}): Promise<number> {
    const { localPort, wait = true } = options;
    return this.#order({ kind: 'ask', address, port, bytes, wait, ...(localPort ? { localPort } : {}) });
  }

  #order(order: Order): Promise<number> {
    this.#process ??= this.#start();
    const child = this.#process;
    const number = ++this.#last;
    return new Promise((resolve, reject) => {
      this.#waiting.set(number, (answer) => {
        if (answer.error === undefined) resolve(answer.value ?? 0);
        else reject(Object.assign(new Error(`${this.#namespace.name}: ${answer.error}`), { code: answer.error }));
      });
      child.send({ number, order }, (error) => {
        if (error) this.#settle({ number, error: error.message });
      });
    });
  }

  #start(): ChildProcess {
    const child = this.#namespace.spawn(process.execPath, [PROGRAM], {
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    });
    child.on('message', (answer: Answer) => this.#settle(answer));
    child.on('exit', () => {
      for (const number of [...this.#waiting.keys()]) this.#settle({ number, error: 'the peer ended' });
    });
    return child;
  }

  #settle(answer: Answer): void {
    this.#waiting.get(answer.number)?.(answer);
    this.#waiting.delete(answer.number);
  }
}

export interface AskOptions {
  readonly localPort?: number;
  readonly wait?: boolean;
}

export interface PeerConnection {
  /** Sends so many bytes, and waits until the other end has sent as many back. */
  send(bytes: number): Promise<void>;
  /** Sends so many bytes. What comes back is not read, and nor is that the other end closes. */
  write(bytes: number): Promise<void>;
  /** Ends it in order (FIN), and waits for the other end's FIN. */
  end(): Promise<void>;
  /** Ends it at once (RST). */
  reset(): Promise<void>;
}
