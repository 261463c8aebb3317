import { status } from '@grpc/grpc-js';
import type { FlowTable } from '../../flow/flow-table.ts';
import { MAX_QUEUED_BYTES, MIN_UNREAD_MS } from '../../limits.ts';

export interface QueueLimits {
  readonly bytes: number;
  readonly unreadMs: number;
}

/** A subscriber that reads the table: `version` is the one that it has, or is in the middle of. Undefined: none yet. */
export interface Subscriber {
  readonly version: number | undefined;
  /** Bytes of messages that the client has not read. */
  readonly queuedBytes: number;
  /** Since when the client has read nothing, though there was something to read; by `performance.now()`. */
  readonly unreadSince: number | undefined;
  /** Ends it, with the reason. Default: UNAVAILABLE. */
  end(reason: string, code?: status): void;
}

/** Who reads the table now. */
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

  /** The version that all of them have: nobody needs to hear again of what was removed up to it. */
  minVersion(table: FlowTable): number {
    let least = table.version;
    for (const { version } of this.#all) if (version !== undefined && version < least) least = version;
    return least;
  }

  /** Where all of them together have too much to read, the one that has not read for longest goes. It may come again. */
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
