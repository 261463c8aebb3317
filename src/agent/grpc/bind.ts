import { lstatSync, unlinkSync } from 'node:fs';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { type Server, ServerCredentials } from '@grpc/grpc-js';
import { MAX_CONNECTIONS } from '../../limits.ts';
import { formatListenAddress, parseListenAddress } from '../listen-address.ts';
import { isListening, withSocketMode } from '../unix-socket.ts';

export interface BoundServer {
  /** The address for clients, with the actual port. */
  readonly address: string;
  /** Stops accepting connections. Open connections stay. */
  close(): void;
  /** Resolves when all connections have closed; gRPC does not report that. Closes the remaining ones after `withinMs` milliseconds. */
  ended(withinMs: number): Promise<void>;
}

/**
 * Listens for the server on its own socket, because gRPC's socket has no limit of connections. Rejects with an Error whose
 * message names the address and the next step.
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
/** A console's connection has traffic about every second. The kubelet's probe closes its connection at once. */
const MIN_IDLE_MS = 5_000;

interface Activity {
  /** Bytes written to the socket, at the last sample. */
  bytes: number;
  /** Time of the last sample with more bytes than before. */
  since: number;
}

function noteActivity(sockets: ReadonlyMap<Socket, Activity>): void {
  const now = performance.now();
  for (const [socket, activity] of sockets) {
    // A connection counts as active only if the server sends data. Data from the peer does not count.
    const bytes = socket.bytesWritten;
    if (bytes > activity.bytes) activity.since = now;
    activity.bytes = bytes;
  }
}

/** At the limit, closes the connection that has been idle longest. Otherwise a peer could block others with idle connections at no cost. */
function endIdlest(sockets: Map<Socket, Activity>, minIdleMs: number): boolean {
  noteActivity(sockets);
  const [idlest] = [...sockets].sort(([, a], [, b]) => a.since - b.since);
  if (idlest === undefined || performance.now() - idlest[1].since < minIdleMs) return false;
  const [socket] = idlest;
  sockets.delete(socket);
  socket.destroy();
  return true;
}

function bindErrorCause({ code, message }: NodeJS.ErrnoException): string {
  return code === 'EADDRINUSE' ? 'another process does; stop it, or choose another address' : message;
}

/** Removes a socket file that a stopped server left behind; it prevents a new server from listening. A socket that answers is in use. */
export async function removeStaleSocket(path: string): Promise<void> {
  const stat = lstatSync(path, { throwIfNoEntry: false });
  if (stat === undefined) return;
  if (!stat.isSocket()) throw new Error(`cannot listen on unix:${path}: the file is there, and is not a socket`);
  const used = await isListening(path);
  if (used)
    throw new Error(`cannot listen on unix:${path}: another process may be using it; stop it, or choose another path`);
  unlinkSync(path);
}
