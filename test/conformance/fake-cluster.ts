import { readFileSync } from 'node:fs';
import {
  createServer as createHttp,
  type IncomingMessage,
  type RequestListener,
  type Server,
  type ServerResponse,
} from 'node:http';
import { createServer as createHttps } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { answer } from './answers.ts';
import type { Certificates } from './certificates.ts';
import { Proxies } from './proxies.ts';
import { type Recorded, record } from './recording.ts';

/** An API server with one pod, an agent's, whose port-forwards it refuses after it has recorded them; and proxies before it. */
export class FakeCluster {
  readonly recorded: Recorded[] = [];
  readonly proxies: Proxies;
  /** Authorizations that get a 401. */
  readonly refuse = new Set<string>();
  /** Called after each request. */
  heard: () => void = () => {};
  readonly #secure: Server;
  readonly #plain: Server;
  readonly #sockets = new Set<Socket>();

  constructor(certificates: Certificates) {
    const { cert, key } = certificates.server;
    const tls = { cert: readFileSync(cert), key: readFileSync(key), ca: readFileSync(certificates.ca) };
    const listener: RequestListener = (request, response) => this.#answer(request, response);
    this.#secure = createHttps({ ...tls, requestCert: true, rejectUnauthorized: false }, listener);
    this.#plain = createHttp(listener);
    for (const server of [this.#secure, this.#plain]) {
      server.on('upgrade', (request, socket) => this.#refuseUpgrade(request, socket));
      for (const event of ['connection', 'secureConnection']) {
        server.on(event, (socket: Socket) => {
          this.#sockets.add(socket);
          socket.on('close', () => this.#sockets.delete(socket));
          socket.on('error', () => {});
        });
      }
      server.on('tlsClientError', () => {});
    }
    this.proxies = new Proxies(tls);
  }

  async start(): Promise<void> {
    await Promise.all([listen(this.#secure), listen(this.#plain)]);
    await this.proxies.start();
  }

  async stop(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await Promise.all([close(this.#secure), close(this.#plain), this.proxies.stop()]);
  }

  get port(): number {
    return (this.#secure.address() as AddressInfo).port;
  }

  get plainPort(): number {
    return (this.#plain.address() as AddressInfo).port;
  }

  #note(request: IncomingMessage): Recorded {
    const recorded = record(request, this.proxies.asked);
    this.recorded.push(recorded);
    this.heard();
    return recorded;
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    const { authorization = '' } = this.#note(request);
    const [status, body] = this.refuse.has(authorization) ? UNAUTHORIZED : answer(request.url ?? '');
    response.statusCode = status;
    response.setHeader('content-type', 'application/json');
    response.write(`${JSON.stringify(body)}\n`);
    if (!/[?&]watch=/.test(request.url ?? '')) response.end();
  }

  #refuseUpgrade(request: IncomingMessage, socket: Duplex): void {
    const { authorization = '' } = this.#note(request);
    const status = this.refuse.has(authorization) ? '401 Unauthorized' : '403 Forbidden';
    socket.end(`HTTP/1.1 ${status}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n`);
  }
}

const UNAUTHORIZED = [
  401,
  { kind: 'Status', apiVersion: 'v1', status: 'Failure', reason: 'Unauthorized', code: 401 },
] as const;

function listen(server: Server): Promise<void> {
  return new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve()));
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
