/**
 * Netlink sockets. Node has none, so this uses the C library's calls through the package koffi. Only this file uses koffi, so
 * that node:ffi can replace it.
 */
import { EAGAIN, EINTR, EMSGSIZE, NetlinkError } from './netlink-error.ts';
import { LITTLE_ENDIAN } from './parse/numbers.ts';

const AF_NETLINK = 16;
const SOCK_RAW = 3;
const SOCK_CLOEXEC = 0o2000000;
const SOCK_NONBLOCK = 0o4000;
const NETLINK_NETFILTER = 12;
const SOL_SOCKET = 1;
const SO_RCVBUF = 8;
const SO_RCVBUFFORCE = 33;
/** With this flag `recv` returns the full length of a truncated message. */
const MSG_TRUNC = 0x20;
/** The kernel fills at most 32 KiB at once. */
export const RECEIVE_BYTES = 64 * 1024;
/** A dump waits for its reader, so the kernel buffers only a little of it at a time. */
const SOCKET_BUFFER_BYTES = 1024 * 1024;
/** Maximum retries of a call that a signal interrupts. */
const MAX_INTERRUPTS = 100;

/** The C library's calls, with its conventions: -1 is a failure, and `errno` gives the cause. */
export interface SocketCalls {
  socket(family: number, type: number, protocol: number): number;
  bind(socket: number, address: Uint8Array, bytes: number): number;
  connect(socket: number, address: Uint8Array, bytes: number): number;
  setsockopt(socket: number, level: number, option: number, value: Uint8Array, bytes: number): number;
  send(socket: number, bytes: Uint8Array, length: number, flags: number): number;
  recv(socket: number, bytes: Uint8Array, length: number, flags: number): number;
  close(socket: number): number;
  errno(): number;
}

/** Loads the calls. Rejects with one line that names the cause and the next step. */
export async function loadSocketCalls(): Promise<SocketCalls> {
  if (process.platform !== 'linux') throw new Error('netlink is part of Linux');
  try {
    const { default: koffi } = await import('koffi');
    const library = koffi.load(null);
    return {
      socket: library.func('int socket(int, int, int)'),
      bind: library.func('int bind(int, void *, uint32_t)'),
      connect: library.func('int connect(int, void *, uint32_t)'),
      setsockopt: library.func('int setsockopt(int, int, int, void *, uint32_t)'),
      send: library.func('intptr_t send(int, void *, size_t, int)'),
      recv: library.func('intptr_t recv(int, void *, size_t, int)'),
      close: library.func('int close(int)'),
      errno: () => koffi.errno(),
    };
  } catch (error) {
    const [cause] = (error instanceof Error ? error.message : String(error)).split('\n');
    throw new Error(
      `the package koffi, by which Node reaches netlink, cannot be loaded on linux-${process.arch} (${cause}): install it ` +
        '(npm install koffi), or read procfs (KFLOW_SOURCE=procfs)',
    );
  }
}

/** A socket to the kernel's netfilter. Every failure throws a `NetlinkError`. */
export class NetlinkSocket {
  readonly #calls: SocketCalls;
  #socket: number;

  constructor(calls: SocketCalls) {
    this.#calls = calls;
    this.#socket = calls.socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_NETFILTER);
    if (this.#socket < 0) throw new NetlinkError(calls.errno(), 'socket');
    try {
      const size = new Uint8Array(4);
      new DataView(size.buffer).setUint32(0, SOCKET_BUFFER_BYTES, LITTLE_ENDIAN);
      // Fall back to a smaller buffer, which is enough.
      if (calls.setsockopt(this.#socket, SOL_SOCKET, SO_RCVBUFFORCE, size, size.length) < 0)
        calls.setsockopt(this.#socket, SOL_SOCKET, SO_RCVBUF, size, size.length);
      // `struct sockaddr_nl`: the kernel chooses our port; its own port is 0. Only the kernel can send to a socket that is connected to it.
      const address = new Uint8Array(12);
      new DataView(address.buffer).setUint16(0, AF_NETLINK, LITTLE_ENDIAN);
      this.#check(calls.bind(this.#socket, address, address.length), 'bind');
      this.#check(calls.connect(this.#socket, address, address.length), 'connect');
    } catch (error) {
      this.close();
      throw error;
    }
  }

  send(bytes: Uint8Array): void {
    this.#retried('send', () => this.#calls.send(this.#socket, bytes, bytes.length, 0));
  }

  /** Receives into `buffer`. Returns the number of bytes; 0 if there are none. */
  receive(buffer: Uint8Array): number {
    const count = this.#retried('recv', () => this.#calls.recv(this.#socket, buffer, buffer.length, MSG_TRUNC));
    if (count > buffer.length) throw new NetlinkError(EMSGSIZE, 'recv');
    return count;
  }

  close(): void {
    if (this.#socket >= 0) this.#calls.close(this.#socket);
    this.#socket = -1;
  }

  #check(result: number, call: string): void {
    if (result < 0) throw new NetlinkError(this.#calls.errno(), call);
  }

  /** Returns the call's result; 0 if it would have to wait. */
  #retried(name: string, call: () => number): number {
    for (let interrupts = 0; ; interrupts++) {
      const result = call();
      if (result >= 0) return result;
      const errno = this.#calls.errno();
      if (errno === EAGAIN) return 0;
      if (errno !== EINTR || interrupts === MAX_INTERRUPTS) throw new NetlinkError(errno, name);
    }
  }
}
