import { status } from '@grpc/grpc-js';
import type { FlowTable } from '../../flow/flow-table.ts';
import { MAX_QUEUED_BYTES, MIN_UNREAD_MS } from '../../limits.ts';

export interface QueueLimits {
  readonly bytes: number;
  readonly unreadMs: number;
}

/** A subscriber that reads the table. `version`: the version that it has, or is receiving. Undefined: none yet. */
export interface Subscriber {
  readonly version: number | undefined;
  /** Bytes of messages that the client has not read. */
  readonly queuedBytes: number;
  /** Time since which the client has read nothing although messages were waiting, by `performance.now()`. */
  readonly unreadSince: number | undefined;
  /** Ends the stream with the reason. Default code: UNAVAILABLE. */
  end(reason: string, code?: status): void;
}

/** The current readers of the table. */
export class Subscribers {
  readonly #all = new Set<Subscriber>();
  readonly #limits: QueueLimits;

  constructor(limits: QueueLimits = { bytes: MAX_QUEUED_BYTES, unreadMs: MIN_UNREAD_MS }) {
    this.#limits = limits;
  }

  get count(): number {
    return this.#all.size;
  }

  add(subscriber: Subscriber): void {
    this.#all.add(subscriber);
  }

  delete(subscriber: Subscriber): void {
    this.#all.delete(subscriber);
  }

  /** Returns the version that all subscribers have. Removals up to it need not be sent again. */
  minVersion(table: FlowTable): number {
    let least = table.version;
    for (const { version } of this.#all) if (version !== undefined && version < least) least = version;
    return least;
  }

  /** If the subscribers together have too much unread data, ends the one that has not read for longest. It may reconnect. */
  endSlowest(): void {
    let bytes = 0;
    for (const { queuedBytes } of this.#all) bytes += queuedBytes;
    if (bytes <= this.#limits.bytes) return;
    const now = performance.now();
    const [longest] = [...this.#all]
      .filter(({ unreadSince = now }) => now - unreadSince >= this.#limits.unreadMs)
      .sort((a, b) => (a.unreadSince ?? now) - (b.unreadSince ?? now));
    const seconds = Math.round((now - (longest?.unreadSince ?? now)) / 1000);
    longest?.end(
      `the client has not read for ${seconds} s, and the agent's clients have too much to read`,
      status.RESOURCE_EXHAUSTED,
    );
  }

  endAll(reason: string): void {
    for (const subscriber of [...this.#all]) subscriber.end(reason);
  }
}
