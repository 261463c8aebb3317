import { setTimeout as delay } from 'node:timers/promises';
import { MAX_SILENT_POLL_MS } from '../../../limits.ts';
import type { SettingState } from '../../../wire/agent.ts';
import { yieldToEventLoop } from '../../event-loop.ts';
import type { CpuMeter } from '../cpu-meter.ts';
import { ETIMEDOUT, NetlinkError } from './netlink-error.ts';
import { encodeRequest } from './parse/messages.ts';
import * as nl from './parse/numbers.ts';
import { NetlinkSocket, RECEIVE_BYTES, type SocketCalls } from './socket.ts';

/** The requests to the kernel: the table; its current and maximum size; counters per CPU. */
export type NetlinkRequest = 'entries' | 'size' | 'counters';

/** Each request has its own socket, so no reply of another request can arrive on it. */
export const SEQUENCE = 1;

/** A source of ctnetlink messages. It does not interpret them. */
export interface MessageSource {
  /** For display. */
  readonly path: string;
  /** The settings of the table's network. `own`: those that this process sees. Undefined: not known yet. */
  readonly settings:
    | 'own'
    | Readonly<Record<'accounting' | 'timestamping', { readonly state: SettingState }>>
    | undefined;
  /**
   * Sends a request and yields the reply in buffers of whole messages, with the sequence number `SEQUENCE`. A buffer is valid
   * until the next one is requested. The iteration does not end by itself: the caller stops at the end of the reply. It yields to
   * the event loop at least every few milliseconds. Throws a `NetlinkError`; `signal` aborts it.
   */
  request(what: NetlinkRequest, meter: CpuMeter, signal?: AbortSignal): AsyncIterable<Uint8Array>;
}

/** Maximum time that receiving and parsing hold the event loop, in milliseconds, give or take one buffer. */
const SLICE_MS = 4;
/** Node cannot wait for a netlink socket. If nothing has arrived, the next attempt follows after this delay in milliseconds. */
const FIRST_WAIT_MS = 1;
const MAX_WAIT_MS = 50;

const REQUESTS: Readonly<Record<NetlinkRequest, { readonly type: number; readonly flags: number }>> = {
  entries: { type: nl.CT_GET, flags: nl.NLM_F_DUMP },
  // The reply is one message. The acknowledgement marks its end.
  size: { type: nl.CT_GET_STATS, flags: nl.NLM_F_ACK },
  counters: { type: nl.CT_GET_STATS_CPU, flags: nl.NLM_F_DUMP },
};

/** This process's own netlink. */
export class SocketMessages implements MessageSource {
  readonly path = 'netlink';
  readonly settings = 'own';
  readonly #calls: SocketCalls;
  readonly #silentMs: number;
  readonly #buffer = new Uint8Array(RECEIVE_BYTES);

  /** `silentMs`: maximum time without a message. */
  constructor(calls: SocketCalls, silentMs = MAX_SILENT_POLL_MS) {
    this.#calls = calls;
    this.#silentMs = silentMs;
  }

  async *request(what: NetlinkRequest, meter: CpuMeter, signal?: AbortSignal): AsyncGenerator<Uint8Array> {
    const { type, flags } = REQUESTS[what];
    // Only one table is read at a time. Other small requests may run meanwhile, so they get their own buffer.
    const buffer = what === 'entries' ? this.#buffer : new Uint8Array(RECEIVE_BYTES);
    const socket = new NetlinkSocket(this.#calls);
    try {
      socket.send(encodeRequest(type, flags, SEQUENCE));
      let sliceStart = performance.now();
      let heardAt = sliceStart;
      let waitMs = FIRST_WAIT_MS;
      for (;;) {
        const count = socket.receive(buffer);
        if (count > 0) {
          yield buffer.subarray(0, count);
          heardAt = performance.now();
          waitMs = FIRST_WAIT_MS;
          if (heardAt - sliceStart < SLICE_MS) continue;
          await meter.pauseFor(yieldToEventLoop());
        } else {
          if (performance.now() - heardAt > this.#silentMs) throw new NetlinkError(ETIMEDOUT, 'recv');
          await meter.pauseFor(delay(waitMs));
          waitMs = Math.min(waitMs * 2, MAX_WAIT_MS);
        }
        signal?.throwIfAborted();
        sliceStart = performance.now();
      }
    } finally {
      socket.close();
    }
  }
}
