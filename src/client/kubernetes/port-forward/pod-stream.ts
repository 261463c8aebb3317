import { withEntry } from '../api-request.ts';
import type { AccessGrant } from '../cluster-access.ts';
import type { KubeClient } from '../config.ts';
import { KubeError } from '../errors.ts';
import { openSpdy } from './spdy-transport.ts';
import { describePodError, type PodPort, type Transport, type TransportEvents } from './transport.ts';
import { openWebSocket } from './websocket-transport.ts';

/** Pings without a reply until the connection counts as dead: noticed within (PINGS + 1) × PING_MS, and so in less than 10 s. */
const PING_MS = 2_000;
const MAX_UNANSWERED_PINGS = 3;
/** How much may arrive before the first read. Above it the stream is paused, and then its end is not noticed. */
const MAX_EARLY_BYTES = 64 * 1024;

export type OpenTransport = (
  entry: AccessGrant,
  target: PodPort,
  events: TransportEvents,
  signal: AbortSignal,
) => Promise<Transport>;

/** One TCP connection to a port in a pod. */
export class PodStream {
  /** Resolves, with the reason, when the stream has ended, on either side. */
  readonly ended: Promise<string>;
  /** `close` ended it. */
  closedHere = false;
  #onData: ((chunk: Buffer) => void) | undefined;
  /** Data that arrived before the first read. */
  #early: Buffer[] = [];
  #earlyBytes = 0;
  #unanswered = 0;
  #paused = false;
  #isEnded = false;
  #end: (reason: string) => void = () => {};
  #transport: Transport | undefined;
  readonly #timer: NodeJS.Timeout;

  private constructor() {
    this.ended = new Promise((resolve) => {
      this.#end = (reason) => {
        this.#isEnded = true;
        resolve(reason);
      };
    });
    this.#timer = setInterval(() => this.#ping(), PING_MS);
    this.ended.then(() => {
      clearInterval(this.#timer);
      this.#transport?.destroy();
    });
  }

  /** Rejects with a KubeError. If nothing listens on the port, `ended` reports it later. */
  static async open(entry: AccessGrant, target: PodPort, open: OpenTransport, signal: AbortSignal): Promise<PodStream> {
    const stream = new PodStream();
    const events: TransportEvents = {
      data: (chunk) => stream.#data(chunk),
      alive: () => {
        stream.#unanswered = 0;
      },
      failed: (text) => stream.#end(describePodError(text, target)),
      closed: (reason) => stream.#end(reason),
    };
    try {
      stream.#transport = await open(entry, target, events, signal);
    } catch (error) {
      stream.close();
      throw error;
    }
    if (stream.#isEnded) stream.#transport.destroy();
    else if (stream.#earlyBytes > MAX_EARLY_BYTES) stream.pause();
    return stream;
  }

  /** Passes on the pod's data from the first byte. Call it once. */
  read(onData: (chunk: Buffer) => void): void {
    this.#onData = onData;
    const early = this.#early;
    this.#early = [];
    this.resume();
    for (const chunk of early) onData(chunk);
  }

  pause(): void {
    this.#paused = true;
    this.#transport?.pause();
  }

  resume(): void {
    this.#paused = false;
    this.#unanswered = 0;
    this.#transport?.resume();
  }

  /** Returns whether more may be written at once; if not, `sent` is called once this data is sent. */
  write(chunk: Buffer, sent: () => void): boolean {
    return this.#isEnded || this.#transport === undefined || this.#transport.write(chunk, sent);
  }

  /** Ends the stream at once. A WebSocket has no half-close: ending one direction ends both. */
  close(): void {
    if (this.#isEnded) return;
    this.closedHere = true;
    this.#end('closed');
  }

  #data(chunk: Buffer): void {
    if (this.#onData !== undefined) this.#onData(chunk);
    else {
      this.#early.push(chunk);
      this.#earlyBytes += chunk.length;
      if (this.#earlyBytes > MAX_EARLY_BYTES) this.pause();
    }
  }

  /** Counts pings, not time, because a process that was busy or suspended would see a silence that is none. */
  #ping(): void {
    // While paused nothing is read, so no pong can arrive.
    if (this.#transport === undefined || this.#paused) return;
    if (this.#unanswered >= MAX_UNANSWERED_PINGS) {
      this.#end(`no answer for ${(MAX_UNANSWERED_PINGS * PING_MS) / 1000} s (node or API server not reachable)`);
      return;
    }
    this.#unanswered++;
    this.#transport.ping();
  }
}

/** Statuses with which a server or a gateway refuses this kind of upgrade. */
const OTHER_TRANSPORT = new Set([400, 403, 405, 406, 426, 501]);

/**
 * Opens streams as WebSocket, which passes more gateways, or, if that is refused, as SPDY, which needs one permission less (`get
 * pods/portforward`). It remembers which one worked.
 */
export class PodStreams {
  readonly #kube: KubeClient;
  #transports: readonly OpenTransport[] = [openWebSocket, openSpdy];

  constructor(kube: KubeClient) {
    this.#kube = kube;
  }

  open(target: PodPort, signal: AbortSignal): Promise<PodStream> {
    return withEntry(this.#kube, (entry) => this.#open(entry, target, signal));
  }

  async #open(entry: AccessGrant, target: PodPort, signal: AbortSignal): Promise<PodStream> {
    const [first = openWebSocket, second = openSpdy] = this.#transports;
    try {
      return await PodStream.open(entry, target, first, signal);
    } catch (error) {
      if (!(error instanceof KubeError) || !OTHER_TRANSPORT.has(error.status ?? 0)) throw error;
      const stream = await PodStream.open(entry, target, second, signal);
      this.#transports = [second, first];
      return stream;
    }
  }
}
