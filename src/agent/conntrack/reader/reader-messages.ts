import { connect, type Socket } from 'node:net';
import { MAX_SILENT_POLL_MS } from '../../../limits.ts';
import type { CpuMeter } from '../cpu-meter.ts';
import type { MessageSource, NetlinkRequest } from '../netlink/message-source.ts';
import { NetlinkError } from '../netlink/netlink-error.ts';
import { FrameSplitter } from './frame-splitter.ts';
import { encodeReaderRequest, READER_SOCKET, type ReaderSettings } from './protocol.ts';

/** Netlink messages from the node's kflow-reader, which writes its dumps to a unix socket. */
export class ReaderMessages implements MessageSource {
  readonly path: string;
  readonly #silentMs: number;
  #settings: ReaderSettings | undefined;

  /** `silentMs`: maximum time without a byte. */
  constructor(path: string = READER_SOCKET, silentMs: number = MAX_SILENT_POLL_MS) {
    this.path = path;
    this.#silentMs = silentMs;
  }

  /** The node's settings, as of the last reply. */
  get settings(): ReaderSettings | undefined {
    return this.#settings;
  }

  async *request(what: NetlinkRequest, meter: CpuMeter, signal?: AbortSignal): AsyncGenerator<Uint8Array> {
    const chunks = new SocketChunks(this.path, this.#silentMs);
    const abort = () => chunks.fail(signal?.reason);
    signal?.addEventListener('abort', abort, { once: true });
    try {
      signal?.throwIfAborted();
      chunks.write(encodeReaderRequest(what));
      const splitter = new FrameSplitter();
      for (;;) {
        await meter.pauseFor(chunks.wait());
        const chunk = chunks.take();
        if (chunk === undefined) throw new Error(describeEnded(this.path));
        for (const part of splitter.add(chunk)) {
          if (part.kind === 'settings') this.#settings = part.settings;
          else if (part.kind === 'frame') yield part.bytes;
          else if (part.failure.errno !== 0) throw new NetlinkError(part.failure.errno, what);
          else throw new Error(`${this.path}: ${part.failure.text}`);
        }
      }
    } finally {
      signal?.removeEventListener('abort', abort);
      chunks.close();
    }
  }
}

/** Reads a connection's bytes on demand. Unread bytes wait in the kernel. */
class SocketChunks {
  readonly #socket: Socket;
  readonly #path: string;
  readonly #silentMs: number;
  #error: unknown;
  #isOver = false;
  #wake: () => void = () => {};

  constructor(path: string, silentMs: number) {
    this.#path = path;
    this.#silentMs = silentMs;
    this.#socket = connect({ path });
    this.#socket.on('readable', () => this.#wake());
    this.#socket.on('end', () => this.#end());
    this.#socket.on('close', () => this.#end());
    this.#socket.on('error', (error: NodeJS.ErrnoException) => this.fail(this.#describe(error)));
  }

  write(bytes: Buffer): void {
    this.#socket.write(bytes);
  }

  fail(error: unknown): void {
    this.#error ??= error;
    this.#end();
  }

  close(): void {
    this.#socket.destroy();
  }

  /** Resolves when there is a chunk, an error or the end. */
  async wait(): Promise<void> {
    if (this.#isOver || this.#socket.readableLength > 0) return;
    const silent = setTimeout(
      () => this.fail(new Error(`${this.#path}: the reader sent nothing for ${this.#silentMs / 1000}s`)),
      this.#silentMs,
    );
    try {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    } finally {
      clearTimeout(silent);
    }
  }

  /** Returns the next chunk; undefined at the end. Throws the error that ended the connection. */
  take(): Buffer | undefined {
    if (this.#error !== undefined) throw this.#error;
    const chunk = this.#socket.read() as Buffer | null;
    if (chunk !== null) return chunk;
    return this.#isOver ? undefined : Buffer.alloc(0);
  }

  #end(): void {
    this.#isOver = true;
    this.#wake();
  }

  #describe({ code, message }: NodeJS.ErrnoException): Error {
    const next = 'look at the kflow-reader pod of this node (kubectl get pods -l app=kflow-reader -o wide)';
    switch (code) {
      case 'ENOENT':
        return new Error(`${this.#path}: there is no reader: ${next}`);
      case 'ECONNREFUSED':
        return new Error(`${this.#path}: the reader does not run: ${next}`);
      case 'EPIPE':
      case 'ECONNRESET':
        return new Error(describeEnded(this.#path));
      case 'EACCES':
        return new Error(`${this.#path}: this user may not connect to the reader: the agent runs with group 0`);
      default:
        return new Error(`${this.#path}: ${message}`);
    }
  }
}

function describeEnded(path: string): string {
  return `${path}: the reader ended the connection: it is busy, or restarts`;
}
