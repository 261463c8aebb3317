import {
  ServerInterceptingCall,
  type ServerInterceptingCallInterface,
  type ServerInterceptor,
  status,
} from '@grpc/grpc-js';
import { MAX_STREAMS } from '../../limits.ts';

interface OpenCall {
  readonly peer: string;
  end(): void;
}

/**
 * One budget for the calls of all clients and services. When it is used up, the connection with the most calls loses its newest
 * one. So a client that opens thousands of streams only takes them from itself.
 */
export class StreamBudget {
  readonly #most: number;
  /** In order of arrival. */
  readonly #open = new Set<OpenCall>();

  constructor(most = MAX_STREAMS) {
    this.#most = most;
  }

  get open(): number {
    return this.#open.size;
  }

  readonly interceptor: ServerInterceptor = (_method, call) => {
    const own: OpenCall = { peer: call.getPeer(), end: () => this.#refuse(own, call) };
    return new ServerInterceptingCall(call, {
      start: (next) => {
        next({
          onReceiveMetadata: (metadata, pass) => {
            this.#open.add(own);
            if (this.#open.size > this.#most) this.#newestOfMost().end();
            if (this.#open.has(own)) pass(metadata);
          },
          onReceiveMessage: (message, pass) => pass(message),
          onReceiveHalfClose: (pass) => pass(),
          onCancel: () => {
            this.#open.delete(own);
          },
        });
      },
      sendStatus: (sent, next) => {
        this.#open.delete(own);
        next(sent);
      },
    });
  };

  #newestOfMost(): OpenCall {
    const byPeer = new Map<string, OpenCall[]>();
    for (const call of this.#open) byPeer.set(call.peer, [...(byPeer.get(call.peer) ?? []), call]);
    const most = [...byPeer.values()].reduce((a, b) => (b.length >= a.length ? b : a));
    return most.at(-1) as OpenCall;
  }

  #refuse(own: OpenCall, call: ServerInterceptingCallInterface): void {
    this.#open.delete(own);
    const details = `the agent serves ${this.#most} calls at once, and this connection has the most of them`;
    call.sendStatus({ code: status.RESOURCE_EXHAUSTED, details });
  }
}
