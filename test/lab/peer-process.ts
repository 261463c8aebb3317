/** The process of a `Peer`: carries out orders that come over the channel to its parent, and ends with it. */
import { createSocket, type Socket as DatagramSocket } from 'node:dgram';
import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';

export type Order =
  | { readonly kind: 'echo'; readonly protocol: 'tcp' | 'udp'; readonly port: number; readonly delayMs?: number }
  | { readonly kind: 'web'; readonly port: number; readonly bytes: number }
  | { readonly kind: 'streams'; readonly port: number }
  | { readonly kind: 'fetch'; readonly address: string; readonly port: number; readonly bytes: number }
  | {
      readonly kind: 'stream';
      readonly address: string;
      readonly port: number;
      readonly up: number;
      readonly down: number;
    }
  | {
      readonly kind: 'visits';
      readonly address: string;
      readonly port: number;
      readonly lifetimeMs: number;
      readonly up: number;
    }
  | { readonly kind: 'connect' | 'knock'; readonly address: string; readonly port: number; readonly localPort?: number }
  | { readonly kind: 'send' | 'write'; readonly connection: number; readonly bytes: number }
  | { readonly kind: 'end' | 'reset'; readonly connection: number }
  | {
      readonly kind: 'ask';
      readonly address: string;
      readonly port: number;
      readonly bytes: number;
      readonly localPort?: number;
      readonly wait: boolean;
    };

export interface Answer {
  readonly number: number;
  readonly value?: number;
  readonly error?: string;
}

const connections: Socket[] = [];
const datagramSockets = new Map<string, DatagramSocket>();

process.on('message', ({ number, order }: { number: number; order: Order }) => {
  carryOut(order).then(
    (value) => process.send?.({ number, value }),
    (error: NodeJS.ErrnoException) => process.send?.({ number, error: error.code ?? error.message }),
  );
});
process.on('disconnect', () => process.exit());

async function carryOut(order: Order): Promise<number> {
  switch (order.kind) {
    case 'echo':
      return order.protocol === 'tcp'
        ? listen(order.port, (socket) => socket.pipe(socket))
        : echoUdp(order.port, order.delayMs);
    case 'web':
      return web(order.port, order.bytes);
    case 'streams':
      return listen(order.port, (socket) => {
        socket.once('data', (first) => pump(socket, Number(String(first).split('\n')[0])));
        socket.resume();
      });
    case 'fetch':
      return fetch(order);
    case 'stream': {
      const socket = connect({ host: order.address, port: order.port });
      await once(socket, 'connect');
      socket.on('error', () => socket.destroy());
      socket.resume().write(`${order.down}\n`);
      pump(socket, order.up);
      return 0;
    }
    case 'visits':
      visits(order);
      return 0;
    case 'connect': {
      const socket = connect({ host: order.address, port: order.port, ...localPort(order) });
      await once(socket, 'connect');
      socket.on('error', () => socket.destroy());
      socket.pause();
      return connections.push(socket) - 1;
    }
    case 'knock': {
      const socket = connect({ host: order.address, port: order.port, ...localPort(order) });
      socket.on('error', () => undefined);
      return 0;
    }
    case 'send':
      return send(connectionOf(order.connection), order.bytes);
    case 'write':
      connectionOf(order.connection).write(Buffer.alloc(order.bytes, 'x'));
      return order.bytes;
    case 'end': {
      const socket = connectionOf(order.connection);
      const ended = once(socket, 'close');
      socket.resume().end();
      await ended;
      return 0;
    }
    case 'reset':
      connectionOf(order.connection).resetAndDestroy();
      return 0;
    case 'ask':
      return ask(order);
  }
}

function localPort(order: { readonly localPort?: number }): { localPort?: number } {
  return order.localPort === undefined ? {} : { localPort: order.localPort };
}

function connectionOf(id: number): Socket {
  const socket = connections[id];
  if (socket === undefined) throw new Error(`no connection ${id}`);
  return socket;
}

async function listen(port: number, serve: (socket: Socket) => void): Promise<number> {
  const server = createServer((socket) => {
    socket.on('error', () => socket.destroy());
    serve(socket);
  });
  server.listen(port, '::');
  await once(server, 'listening');
  return 0;
}

function web(port: number, bytes: number): Promise<number> {
  const body = Buffer.alloc(bytes, 'x');
  return listen(port, (socket) => socket.once('data', () => socket.end(body)));
}

async function fetch(order: Order & { kind: 'fetch' }): Promise<number> {
  const socket = connect({ host: order.address, port: order.port });
  let length = 0;
  socket.on('data', (piece) => {
    length += piece.length;
  });
  const closed = once(socket, 'close');
  socket.write(Buffer.alloc(order.bytes, 'x'));
  await closed;
  return length;
}

const VISIT_PUMP_MS = 10;

/** One connection after another, each of which sends at a steady rate for its lifetime. */
function visits(order: Order & { kind: 'visits' }): void {
  const piece = Buffer.alloc(Math.round((order.up * VISIT_PUMP_MS) / 1000), 'x');
  const socket = connect({ host: order.address, port: order.port }, () => {
    socket.write('0\n');
    const timer = setInterval(() => socket.write(piece), VISIT_PUMP_MS);
    setTimeout(() => {
      clearInterval(timer);
      socket.end();
    }, order.lifetimeMs);
    socket.once('close', () => visits(order));
  });
  socket.on('error', () => socket.destroy());
  socket.resume();
}

const PUMP_MS = 50;

/** Sends at a steady rate, as far as the other end takes it. */
function pump(socket: Socket, bytesPerSecond: number): void {
  if (!(bytesPerSecond > 0)) return;
  const piece = Buffer.alloc(Math.max(1, Math.round((bytesPerSecond * PUMP_MS) / 1000)), 'x');
  const timer = setInterval(() => {
    if (!socket.writableNeedDrain) socket.write(piece);
  }, PUMP_MS);
  socket.once('close', () => clearInterval(timer));
}

async function echoUdp(port: number, delayMs?: number): Promise<number> {
  for (const [type, address] of [
    ['udp4', '0.0.0.0'],
    ['udp6', '::'],
  ] as const) {
    const socket = createSocket({ type, ipv6Only: type === 'udp6' });
    socket.on('message', (message, from) => {
      const answer = () => socket.send(message, from.port, from.address);
      if (delayMs === undefined) answer();
      else setTimeout(answer, delayMs);
    });
    socket.bind(port, address);
    await once(socket, 'listening');
  }
  return 0;
}

async function send(socket: Socket, bytes: number): Promise<number> {
  let left = bytes;
  const back = new Promise<void>((resolve, reject) => {
    const ended = () => reject(new Error('the connection ended'));
    socket.once('close', ended);
    socket.on('data', function take(piece: Buffer) {
      left -= piece.length;
      if (left > 0) return;
      socket.off('data', take).off('close', ended).pause();
      resolve();
    });
  });
  socket.resume();
  const piece = Buffer.alloc(Math.min(bytes, 65536), 'x');
  for (let sent = 0; sent < bytes; sent += piece.length) {
    const part = piece.subarray(0, bytes - sent);
    if (!socket.write(part)) await Promise.race([once(socket, 'drain'), back]);
  }
  await back;
  return bytes;
}

async function ask(order: Order & { kind: 'ask' }): Promise<number> {
  const type = order.address.includes(':') ? 'udp6' : 'udp4';
  const key = `${type} ${order.localPort ?? 0}`;
  let socket = order.localPort === undefined ? undefined : datagramSockets.get(key);
  if (socket === undefined) {
    socket = createSocket(type);
    socket.bind(order.localPort ?? 0);
    await once(socket, 'listening');
    if (order.localPort !== undefined) datagramSockets.set(key, socket);
  }
  const answered = order.wait ? once(socket, 'message') : undefined;
  await new Promise<void>((resolve, reject) =>
    socket.send(Buffer.alloc(order.bytes, 'x'), order.port, order.address, (error) =>
      error ? reject(error) : resolve(),
    ),
  );
  const [message] = answered ? ((await answered) as [Buffer]) : [undefined];
  if (order.localPort === undefined) socket.close();
  return message?.length ?? 0;
}
