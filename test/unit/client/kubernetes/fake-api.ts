import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type KubeClient, loadKubeClient } from '../../../../src/client/kubernetes/config.ts';

/** An API server of a test's own: what it answers is the test's to say. Plain HTTP on loopback. */
export class FakeApi {
  handle: (request: IncomingMessage, response: ServerResponse, url: URL) => void = (_request, response) =>
    sendStatus(response, 404, 'nothing here');
  /** "GET /path?query", in order. */
  readonly requests: string[] = [];
  readonly server: Server;
  readonly folder = mkdtempSync(join(tmpdir(), 'kflow-test-'));
  readonly #sockets = new Set<Socket>();
  #port = 0;

  constructor() {
    this.server = createServer((request, response) => {
      this.requests.push(`${request.method} ${request.url}`);
      this.handle(request, response, new URL(request.url ?? '', 'http://x'));
    });
    this.server.on('connection', (socket) => {
      this.#sockets.add(socket);
      socket.on('close', () => this.#sockets.delete(socket));
    });
  }

  async start(): Promise<void> {
    await new Promise<void>((resolve) => this.server.listen(this.#port, '127.0.0.1', resolve));
    this.#port = (this.server.address() as AddressInfo).port;
  }

  /** As if it were killed. `start` takes it up again on the same port. */
  async stop(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.server.close(() => resolve()));
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }

  async remove(): Promise<void> {
    if (this.server.listening) await this.stop();
    rmSync(this.folder, { recursive: true });
  }

  kube(namespace = 'shop'): KubeClient {
    const path = join(this.folder, 'kubeconfig');
    const cluster = { name: 'c', cluster: { server: `http://127.0.0.1:${this.#port}` } };
    const context = { name: 'fake', context: { cluster: 'c', user: 'u', namespace } };
    const user = { name: 'u', user: { token: 't' } };
    writeFileSync(
      path,
      JSON.stringify({ clusters: [cluster], contexts: [context], users: [user], 'current-context': 'fake' }),
    );
    return loadKubeClient({ kubeconfig: path }, {});
  }
}

export function sendJson(response: ServerResponse, body: unknown): void {
  response.setHeader('content-type', 'application/json');
  response.end(JSON.stringify(body));
}

export function sendStatus(response: ServerResponse, code: number, message: string): void {
  response.statusCode = code;
  sendJson(response, { kind: 'Status', code, message });
}

export function list(version: string, items: readonly unknown[], more?: string) {
  return { metadata: { resourceVersion: version, ...(more === undefined ? {} : { continue: more }) }, items };
}

/** One line of a watch. */
export function event(type: string, object: unknown): string {
  return `${JSON.stringify({ type, object })}\n`;
}

/** Values of a stream, to be awaited one by one. */
export class Inbox<T> {
  readonly #values: T[] = [];
  #wake: () => void = () => {};

  push(value: T): void {
    this.#values.push(value);
    this.#wake();
  }

  /** The next value that passes; those before it are dropped. Rejects when none comes in time. */
  async next(passes: (value: T) => boolean = () => true, ms = 10_000): Promise<T> {
    const signal = AbortSignal.timeout(ms);
    for (;;) {
      while (this.#values.length > 0) {
        const value = this.#values.shift() as T;
        if (passes(value)) return value;
      }
      await new Promise<void>((resolve, reject) => {
        this.#wake = resolve;
        signal.addEventListener('abort', () => reject(new Error(`nothing of the kind came in ${ms} ms`)));
      });
    }
  }
}
