import { EAGAIN } from '../../src/agent/conntrack/netlink/netlink-error.ts';
import type { SocketCalls } from '../../src/agent/conntrack/netlink/socket.ts';

/** What `recv` gives: a message, a number of errno, or one that is longer than the buffer. */
export type Received = Uint8Array | number | 'long';

/** Calls of the C library that a test makes: what is received, and which of them fail. */
export class FakeCalls implements SocketCalls {
  readonly sent: Uint8Array[] = [];
  open = 0;
  received: Received[] = [];
  fails: Partial<Record<'socket' | 'bind' | 'connect' | 'send' | 'setsockopt', number>> = {};
  #errno = 0;

  readonly errno = () => this.#errno;

  socket(): number {
    const result = this.#result('socket');
    if (result >= 0) this.open++;
    return result;
  }

  bind(): number {
    return this.#result('bind');
  }

  connect(): number {
    return this.#result('connect');
  }

  setsockopt(): number {
    return this.#result('setsockopt');
  }

  send(_socket: number, bytes: Uint8Array): number {
    this.sent.push(Uint8Array.from(bytes));
    return this.#result('send');
  }

  recv(_socket: number, bytes: Uint8Array): number {
    const next = this.received.shift() ?? EAGAIN;
    if (next === 'long') return bytes.length + 1;
    if (typeof next === 'number') {
      this.#errno = next;
      return -1;
    }
    bytes.set(next);
    return next.length;
  }

  close(): number {
    this.open--;
    return 0;
  }

  #result(call: keyof FakeCalls['fails']): number {
    const errno = this.fails[call];
    if (errno === undefined) return 3;
    this.#errno = errno;
    return -1;
  }
}
