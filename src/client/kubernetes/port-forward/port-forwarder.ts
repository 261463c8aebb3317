import { rmSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import { socketPathFault } from '../../../socket-path.ts';
import { Semaphore } from '../../async/semaphore.ts';
import { createSocketFolder, type SocketFolder } from '../../files/socket-folder.ts';
import type { KubeClient } from '../config.ts';
import { type PodStream, PodStreams } from './pod-stream.ts';
import type { PodPort } from './transport.ts';

/** How many port-forwards are opened at the same time; open ones do not count. */
const MAX_CONCURRENT_DIALS = 16;

/** An open port-forward to a pod. */
export interface ForwardedPort {
  /** A gRPC target: "unix:/path". */
  readonly address: string;
  /** Resolves with the reason when the connection breaks. */
  readonly closed: Promise<string>;
  close(): void;
}

/** Forwards local unix sockets to ports of pods. They share a folder, which exists as long as any of them. */
export class PortForwarder {
  readonly #streams: PodStreams;
  readonly #gate = new Semaphore(MAX_CONCURRENT_DIALS);
  readonly #makeFolder: () => SocketFolder;
  #folder: SocketFolder | undefined;
  #users = 0;
  #number = 0;

  constructor(kube: KubeClient, makeFolder: () => SocketFolder = createSocketFolder) {
    this.#streams = new PodStreams(kube);
    this.#makeFolder = makeFolder;
  }

  /**
   * Opens a port-forward to a pod. Its first connection is opened at once, so that a missing permission or a missing pod
   * rejects here (with a KubeError). Each further connection is its own stream. When the pod's side ends any of them,
   * the whole port-forward counts as broken.
   */
  async dial(target: PodPort, signal: AbortSignal): Promise<ForwardedPort> {
    const first = await this.#gate.run(signal, () => this.#streams.open(target, signal));
    const path = this.#socketPath(first);
    const open = (until: AbortSignal) => this.#streams.open(target, until);
    const forward = new Forward(path, first, open, () => this.#leave());
    try {
      await forward.listen();
    } catch (error) {
      forward.close();
      throw error;
    }
    return { address: `unix:${path}`, closed: forward.broken, close: () => forward.close() };
  }

  /** Creates a new socket in the folder, which is created for the first of them. If that fails, the stream is closed. */
  #socketPath(stream: PodStream): string {
    try {
      this.#folder ??= this.#makeFolder();
      const path = join(this.#folder.path, (this.#number++).toString(36));
      const fault = socketPathFault(path);
      if (fault !== undefined) throw new Error(`${path}: ${fault}`);
      this.#users++;
      return path;
    } catch (error) {
      stream.close();
      throw new Error(`no folder for the port-forward's socket: ${(error as Error).message}`, { cause: error });
    }
  }

  #leave(): void {
    if (--this.#users > 0) return;
    this.#folder?.remove();
    this.#folder = undefined;
  }
}

class Forward {
  /** Resolves with the reason; never after `close`. */
  readonly broken: Promise<string>;
  readonly #path: string;
  readonly #open: (signal: AbortSignal) => Promise<PodStream>;
  readonly #server: Server;
  readonly #streams = new Set<PodStream>();
  readonly #sockets = new Set<Socket>();
  readonly #controller = new AbortController();
  #unusedStream: PodStream | undefined;
  #break: (reason: string) => void = () => {};
  readonly #closed: () => void;

  constructor(path: string, first: PodStream, open: (signal: AbortSignal) => Promise<PodStream>, closed: () => void) {
    this.#path = path;
    this.#open = open;
    this.#closed = closed;
    this.#unusedStream = first;
    this.broken = new Promise((resolve) => {
      this.#break = resolve;
    });
    this.#server = createServer((socket) => this.#accept(socket));
    this.#watch(first);
  }

  listen(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#server.on('error', reject);
      this.#server.listen(this.#path, resolve);
    });
  }

  close(): void {
    if (this.#controller.signal.aborted) return;
    this.#controller.abort();
    this.#server.close();
    for (const stream of this.#streams) stream.close();
    for (const socket of this.#sockets) socket.destroy();
    rmSync(this.#path, { force: true });
    this.#closed();
  }

  #watch(stream: PodStream): void {
    this.#streams.add(stream);
    stream.ended.then((reason) => {
      this.#streams.delete(stream);
      if (!stream.closedHere && !this.#controller.signal.aborted) this.#break(reason);
    });
  }

  #accept(socket: Socket): void {
    this.#sockets.add(socket);
    socket.on('close', () => this.#sockets.delete(socket));
    // An error of a local socket is followed by its 'close'.
    socket.on('error', () => {});
    const unusedStream = this.#unusedStream;
    this.#unusedStream = undefined;
    if (unusedStream !== undefined) {
      splice(socket, unusedStream);
      return;
    }
    socket.pause();
    this.#open(this.#controller.signal).then(
      (stream) => {
        // It was opened too late.
        if (this.#controller.signal.aborted) stream.close();
        this.#watch(stream);
        splice(socket, stream);
      },
      (error: Error) => {
        if (!this.#controller.signal.aborted) this.#break(error.message);
        socket.destroy();
      },
    );
  }
}

/** Connects both sides: each is read only as fast as the other accepts data, and the end of one ends the other. */
function splice(socket: Socket, stream: PodStream): void {
  socket.on('close', () => stream.close());
  // The pod's last data (for example a gRPC status) is still delivered.
  stream.ended.then(() => socket.destroySoon());
  if (socket.destroyed) {
    stream.close();
    return;
  }
  socket.on('data', (chunk) => {
    if (!stream.write(chunk, () => socket.resume())) socket.pause();
  });
  socket.on('drain', () => stream.resume());
  stream.read((chunk) => {
    if (!socket.write(chunk)) stream.pause();
  });
  socket.resume();
}
