import { createServer as createHttp, type IncomingMessage, request, type Server, type ServerResponse } from 'node:http';
import { createServer as createHttps } from 'node:https';
import { type AddressInfo, connect, createServer, type Socket, type Server as TcpServer } from 'node:net';
import type { Duplex } from 'node:stream';
import type { TLSSocket } from 'node:tls';

interface Tls {
  readonly cert: Buffer;
  readonly key: Buffer;
  readonly ca: Buffer;
}

/** An HTTP, an HTTPS and a SOCKS5 proxy on loopback. Whatever name they are asked for, they go to that port on 127.0.0.1. */
export class Proxies {
  /** By the local port of the connection on: what was asked, and how. */
  readonly asked = new Map<number, string>();
  /** Of each connection, in order. */
  readonly log: string[] = [];
  readonly #http: Server;
  readonly #https: Server;
  readonly #socks: TcpServer;
  readonly #sockets = new Set<Duplex>();

  constructor(tls: Tls) {
    this.#http = createHttp();
    this.#https = createHttps({ ...tls, requestCert: true, rejectUnauthorized: false });
    for (const server of [this.#http, this.#https]) {
      server.on('connect', (ask: IncomingMessage, socket: Duplex, head: Buffer) => this.#connect(ask, socket, head));
      server.on('request', (ask: IncomingMessage, response: ServerResponse) => this.#absolute(ask, response));
      server.on('connection', (socket: Socket) => this.#keep(socket));
      server.on('tlsClientError', () => {});
    }
    this.#socks = createServer((socket) => this.#greet(socket));
  }

  async start(): Promise<void> {
    const listen = (server: TcpServer) => new Promise<void>((done) => server.listen(0, '127.0.0.1', () => done()));
    await Promise.all([this.#http, this.#https, this.#socks].map(listen));
  }

  async stop(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    const close = (server: TcpServer) => new Promise<void>((done) => server.close(() => done()));
    await Promise.all([this.#http, this.#https, this.#socks].map(close));
  }

  get httpPort(): number {
    return (this.#http.address() as AddressInfo).port;
  }

  get httpsPort(): number {
    return (this.#https.address() as AddressInfo).port;
  }

  get socksPort(): number {
    return (this.#socks.address() as AddressInfo).port;
  }

  #keep(socket: Duplex): void {
    this.#sockets.add(socket);
    socket.on('close', () => this.#sockets.delete(socket));
    socket.on('error', () => {});
  }

  #how(ask: IncomingMessage): string {
    const socket = ask.socket as Socket & Partial<TLSSocket>;
    const auth = ask.headers['proxy-authorization'];
    const certificate = socket.encrypted ? (socket as TLSSocket).getPeerCertificate()?.subject?.CN : undefined;
    const tls = socket.encrypted
      ? `https (SNI ${(socket as TLSSocket).servername || 'none'}, ${certificate ?? 'none'})`
      : 'http';
    return `${tls} ${auth === undefined ? '' : `as ${auth} `}`;
  }

  #pass(port: number, how: string): Socket {
    const on = connect(port, '127.0.0.1');
    this.#keep(on);
    this.log.push(how);
    on.on('connect', () => this.asked.set(on.localPort ?? 0, how));
    return on;
  }

  #connect(ask: IncomingMessage, socket: Duplex, head: Buffer): void {
    this.#keep(socket);
    const how = `${this.#how(ask)}CONNECT ${ask.url}`;
    if (ask.url?.startsWith('denied')) {
      this.log.push(how);
      socket.end('HTTP/1.1 407 Proxy Authentication Required\r\ncontent-length: 0\r\n\r\n');
      return;
    }
    const on = this.#pass(Number(ask.url?.split(':').at(-1)), how);
    on.on('connect', () => {
      socket.write('HTTP/1.1 200 OK\r\n\r\n');
      if (head.length > 0) on.write(head);
      socket.pipe(on).pipe(socket);
    });
    on.on('error', () => socket.destroy());
  }

  #absolute(ask: IncomingMessage, response: ServerResponse): void {
    const url = new URL(ask.url ?? '');
    const how = `${this.#how(ask)}GET ${url.origin}`;
    const { 'proxy-authorization': _, 'proxy-connection': __, ...headers } = ask.headers;
    const on = request({
      ...{ host: '127.0.0.1', port: url.port, method: ask.method, path: url.pathname + url.search, headers },
      createConnection: () => this.#pass(Number(url.port), how),
    });
    on.on('response', (answer) => {
      response.writeHead(answer.statusCode ?? 500, answer.headers);
      answer.pipe(response);
    });
    on.on('error', () => response.destroy());
    ask.pipe(on);
  }

  /** SOCKS5 (RFC 1928), with a password (RFC 1929) where one is offered. */
  #greet(socket: Socket): void {
    this.#keep(socket);
    socket.once('data', (hello) => {
      const password = hello.subarray(2).includes(2);
      socket.write(Buffer.from([5, password ? 2 : 0]));
      if (!password) this.#command(socket, '');
      else {
        socket.once('data', (pair) => {
          const [user, secret] = [pair.subarray(2, 2 + (pair[1] ?? 0)), pair.subarray(3 + (pair[1] ?? 0))];
          socket.write(Buffer.from([1, 0]));
          this.#command(socket, `as ${user}:${secret} `);
        });
      }
    });
  }

  #command(socket: Socket, as: string): void {
    socket.once('data', (bytes) => {
      const kind = bytes[3];
      const end = kind === 1 ? 8 : kind === 4 ? 20 : 5 + (bytes[4] ?? 0);
      const named = kind === 1 ? [...bytes.subarray(4, 8)].join('.') : String(bytes.subarray(5, end));
      const port = bytes.readUInt16BE(end);
      const how = `socks5 ${as}${kind === 3 ? 'name' : 'address'} ${named}:${port}`;
      const on = this.#pass(port, how);
      on.on('connect', () => {
        socket.write(Buffer.from([5, 0, 0, 1, 127, 0, 0, 1, 0, 0]));
        socket.pipe(on).pipe(socket);
      });
      on.on('error', () => socket.destroy());
    });
  }
}
