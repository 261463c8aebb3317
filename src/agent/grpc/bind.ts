import { lstatSync, unlinkSync } from 'node:fs';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { type Server, ServerCredentials } from '@grpc/grpc-js';
import { MAX_CONNECTIONS } from '../../limits.ts';
import { formatListenAddress, parseListenAddress } from '../listen-address.ts';

export interface BoundServer {
  /** As clients write it, its port filled in. */
  readonly address: string;
  /** Takes no more connections. Those that there are stay. */
  close(): void;
  /** Resolves when those have ended, which gRPC does not tell; after so many milliseconds it ends them itself. */
  ended(withinMs: number): Promise<void>;
}

/**
 * Listens for the server, on a socket of its own: gRPC's knows no limit of connections. Rejects with an Error whose message names
 * the address and says what to do.
 */
export async function bindServer(
  server: Server,
  listen: string,
  maxConnections = MAX_CONNECTIONS,
  minIdleMs = MIN_IDLE_MS,
): Promise<BoundServer> {
  const address = parseListenAddress(listen);
  if (address === undefined) throw new Error(`${JSON.stringify(listen)} is not an address to listen on`);
  const text = formatListenAddress(address);
  const injector = server.createConnectionInjector(ServerCredentials.createInsecure());
  const sockets = new Map<Socket, Activity>();
  const listener = createServer({ noDelay: true }, (socket) => {
    if (sockets.size >= maxConnections && !endIdlest(sockets, minIdleMs)) {
      socket.destroy();
      return;
    }
    sockets.set(socket, { bytes: 0, since: performance.now() });
    socket.once('close', () => sockets.delete(socket));
    injector.injectConnection(socket);
  });
  const sampling = setInterval(() => noteActivity(sockets), SAMPLE_MS).unref();
  listener.once('close', () => clearInterval(sampling));
  const start = () =>
    new Promise<void>((resolve, reject) => {
      listener.once('error', (error: NodeJS.ErrnoException) => {
        reject(new Error(`cannot listen on ${text}: ${bindErrorCause(error)}`));
      });
      if (address.kind === 'unix') listener.listen(address.path, resolve);
      else listener.listen(address.port, address.host, resolve);
    });
  const close = () => void listener.close();
  const ended = async (withinMs: number) => {
    const timer = setTimeout(() => {
      for (const socket of sockets.keys()) socket.destroy();
    }, withinMs);
    await Promise.all([...sockets.keys()].map((socket) => new Promise((resolve) => socket.once('close', resolve))));
    clearTimeout(timer);
  };
  if (address.kind === 'tcp') {
    await start();
    const { port } = listener.address() as AddressInfo;
    return { address: formatListenAddress({ ...address, port }), close, ended };
  }
  await removeStaleSocket(address.path);
  await withSocketMode(start);
  return { address: text, close, ended };
}

const SAMPLE_MS = 1_000;
/** A console's connection has traffic every second or so, the kubelet's probe ends at once. */
const MIN_IDLE_MS = 5_000;

interface Activity {
  /** That went over it when it was last looked at. */
  bytes: number;
  /** When these were more than before. */
  since: number;
}

function noteActivity(sockets: ReadonlyMap<Socket, Activity>): void {
  const now = performance.now();
  for (const [socket, activity] of sockets) {
    // What a peer sends does not make it busy: only what it is answered.
    const bytes = socket.bytesWritten;
    if (bytes > activity.bytes) activity.since = now;
    activity.bytes = bytes;
  }
}

/** Where all places are taken, the connection that has been idle for longest makes room: to hold one costs nothing. */
function endIdlest(sockets: Map<Socket, Activity>, minIdleMs: number): boolean {
  noteActivity(sockets);
  const [idlest] = [...sockets].sort(([, a], [, b]) => a.since - b.since);
  if (idlest === undefined || performance.now() - idlest[1].since < minIdleMs) return false;
  const [socket] = idlest;
  sockets.delete(socket);
  socket.destroy();
  return true;
}

const PRIVATE_MASK = 0o177;
/** Who listens at this moment, and the mask from before the first of them. */
let startListening = 0;
let previousMask = 0;

/**
 * Only the user that the agent runs as may connect. The mode is there from the first moment: who connects between `listen` and a
 * `chmod` stays connected. The socket is there before the process turns to anything else, so the mask meets no other file.
 */
export async function withSocketMode<T>(listen: () => Promise<T>): Promise<T> {
  if (startListening++ === 0) previousMask = process.umask(PRIVATE_MASK);
  try {
    return await listen();
  } finally {
    // The mask is the process's: where several listen at once, the last one puts it back.
    if (--startListening === 0) process.umask(previousMask);
  }
}

function bindErrorCause({ code, message }: NodeJS.ErrnoException): string {
  return code === 'EADDRINUSE' ? 'another process does; stop it, or choose another address' : message;
}

/** A socket that its server left behind keeps others from listening there. One that answers is in use. */
export async function removeStaleSocket(path: string): Promise<void> {
  const stat = lstatSync(path, { throwIfNoEntry: false });
  if (stat === undefined) return;
  if (!stat.isSocket()) throw new Error(`cannot listen on unix:${path}: the file is there, and is not a socket`);
  const used = await new Promise<boolean>((resolve) => {
    const socket = connect(path);
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', (error: NodeJS.ErrnoException) => resolve(error.code !== 'ECONNREFUSED'));
  });
  if (used)
    throw new Error(`cannot listen on unix:${path}: another process may be using it; stop it, or choose another path`);
  unlinkSync(path);
}
