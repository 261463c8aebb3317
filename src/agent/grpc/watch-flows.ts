import { type ServerWritableStream, status } from '@grpc/grpc-js';
import type { Observable, Subscription } from 'rxjs';
import { compileFilter } from '../../flow/filter.ts';
import type { FlowTable } from '../../flow/flow-table.ts';
import { FilteredView, type ViewChanges } from '../../flow/view.ts';
import { MAX_STREAM_QUEUED_BYTES } from '../../limits.ts';
import { encodeChanges } from '../../wire/encode.ts';
import type { WatchFlowsRequest__Output } from '../../wire/gen/kflow/v1/WatchFlowsRequest.ts';
import { serializeResponse } from '../../wire/service.ts';
import { encodeTimestamp } from '../../wire/timestamp.ts';
import type { WatchRequest } from '../../wire/watch-request.ts';
import type { PollResult } from '../polling/poller.ts';
import type { StreamScheduler } from './stream-scheduler.ts';
import type { Subscriber, Subscribers } from './subscribers.ts';

export type WatchCall = ServerWritableStream<WatchFlowsRequest__Output, Buffer>;

/** Maximum time that sending holds the event loop, in milliseconds, give or take one message. */
const SLICE_MS = 2;
/** Maximum delay of a timer. */
const MAX_PAUSE_MS = 2 ** 31 - 1;

/**
 * Serves one WatchFlows call with a cursor into the table. While it sends, or waits for the client to read, polls continue; it
 * then sends their merged changes. So a client that does not read does not make it hold more memory.
 */
export class WatchStream implements Subscriber {
  /** The version that the client has, or is receiving. */
  version: number | undefined;
  queuedBytes = 0;
  unreadSince: number | undefined;
  readonly #call: WatchCall;
  readonly #request: WatchRequest;
  readonly #subscribers: Subscribers;
  readonly #scheduler: StreamScheduler;
  readonly #view: FilteredView;
  #polls: Subscription | undefined;
  #pending: PollResult | undefined;
  #sending = false;
  #ended = false;
  #sequence = 0;
  /** Ends the current wait. Called when the call ends. */
  #wake: (() => void) | undefined;

  constructor(call: WatchCall, request: WatchRequest, subscribers: Subscribers, scheduler: StreamScheduler) {
    this.#call = call;
    this.#request = request;
    this.#subscribers = subscribers;
    this.#scheduler = scheduler;
    this.#view = new FilteredView(compileFilter(request.filter), request.maxFlows);
  }

  start(polls$: Observable<PollResult>): void {
    this.#subscribers.add(this);
    this.#call.on('cancelled', () => this.#stop());
    this.#call.on('close', () => this.#stop());
    this.#call.on('error', () => this.#stop());
    // The last poll arrives at once. If it failed, skip it: the table is readable again, and the next poll reports it.
    let late = true;
    const polls = polls$.subscribe((poll) => {
      if (late && poll.error !== undefined) return;
      this.#pending = poll;
      if (!this.#sending) this.#pump().catch((error: unknown) => this.#fail(error));
    });
    late = false;
    if (this.#ended) polls.unsubscribe();
    else this.#polls = polls;
  }

  end(reason: string, code = status.UNAVAILABLE): void {
    if (this.#ended) return;
    this.#stop();
    this.#call.emit('error', { code, details: reason });
  }

  #fail(error: unknown): void {
    this.#stop();
    const details = error instanceof Error ? error.message : String(error);
    this.#call.emit('error', { code: status.INTERNAL, details });
  }

  #stop(): void {
    this.#ended = true;
    this.#subscribers.delete(this);
    this.#polls?.unsubscribe();
    this.#pending = undefined;
    this.#wake?.();
  }

  async #pump(): Promise<void> {
    this.#sending = true;
    while (this.#pending !== undefined && !this.#ended) {
      const poll = this.#pending;
      this.#pending = undefined;
      if (poll.error !== undefined && this.#sequence === 0) {
        this.end(poll.error);
        break;
      }
      const began = performance.now();
      await this.#send(poll);
      if (this.#ended) break;
      if (this.#request.snapshotOnly) {
        this.#stop();
        this.#call.end();
        break;
      }
      const rest = Math.min(this.#request.minIntervalMs - (performance.now() - began), MAX_PAUSE_MS);
      if (this.#request.minIntervalMs > 0 && rest > 0) await this.#pause(rest);
    }
    this.#sending = false;
  }

  /** Updates the client to the current version of the table. */
  async #send(given: PollResult): Promise<void> {
    const { table } = given;
    let poll = given;
    while (!this.#ended) {
      await this.#scheduler.nextTurn();
      if (this.#ended) return;
      const changes = await this.#changes(table);
      if (changes === undefined) continue;
      this.version = changes.to;
      // The changes include those of the newest poll, so send its report with them.
      if (this.#pending?.version === changes.to && this.#pending.error === undefined) {
        poll = this.#pending;
        this.#pending = undefined;
      }
      if (await this.#sendChanges(poll, changes)) return;
      // The table dropped the rows that still had to be sent. A message that is not part of a snapshot aborts an unfinished snapshot.
      this.version = undefined;
      if (this.#ended) return;
      const breakOff = { sequence: this.#sequence + 1, observedAt: encodeTimestamp(table.observedAt) };
      await this.#write(serializeResponse(breakOff));
    }
  }

  /** Returns undefined if the table dropped rows that the client needs, or if the call has ended. */
  async #changes(table: FlowTable): Promise<ViewChanges | undefined> {
    const cursor = this.version ?? 0;
    // During a snapshot the table must keep its rows in their slots.
    const from = cursor < table.floor ? 0 : cursor;
    if (from === 0) this.version = table.version;
    const pinned = from === 0 ? table.version : from;
    const steps = this.#view.changesChunked(table, from);
    let sliceStart = performance.now();
    for (;;) {
      const step = steps.next();
      if (step.done === true) return step.value;
      if (performance.now() - sliceStart < SLICE_MS) continue;
      await this.#scheduler.nextTurn();
      if (this.#ended) return undefined;
      if (table.floor > pinned) {
        this.version = undefined;
        return undefined;
      }
      sliceStart = performance.now();
    }
  }

  /** Returns false if it aborted, because the client was too slow and the table had to drop the rows. */
  async #sendChanges(poll: PollResult, changes: ViewChanges): Promise<boolean> {
    const { table } = poll;
    const end = {
      observedAt: table.observedAt,
      poll: {
        entries: poll.entries,
        unparsedLines: poll.unparsedLines,
        ...(poll.unparsedSample === undefined ? {} : { unparsedSample: poll.unparsedSample }),
        durationSeconds: poll.durationSeconds,
        intervalSeconds: poll.intervalSeconds,
        ...(poll.skipped ? { skipped: true } : {}),
        ...(poll.error === undefined ? {} : { error: poll.error }),
      },
      ...(changes.others ? { others: changes.others } : {}),
    };
    let sliceStart = performance.now();
    for (const message of encodeChanges(table, changes, end, this.#sequence + 1)) {
      await this.#write(message.bytes);
      if (this.#ended || table.floor > changes.to) return message.endOfPoll;
      if (performance.now() - sliceStart < SLICE_MS) continue;
      await this.#scheduler.nextTurn();
      sliceStart = performance.now();
      if (this.#ended || table.floor > changes.to) return message.endOfPoll;
    }
    return true;
  }

  /** Sends a message and increments the sequence number. Resolves when the client has room for more, or the call has ended. */
  #write(bytes: Buffer): Promise<void> | undefined {
    this.#sequence++;
    const isFull = this.queuedBytes + bytes.length > MAX_STREAM_QUEUED_BYTES;
    this.queuedBytes += bytes.length;
    this.unreadSince ??= performance.now();
    if (isFull) this.#subscribers.endSlowest();
    if (this.#ended) return undefined;
    return new Promise((resolve) => {
      const wake = () => {
        this.#wake = undefined;
        resolve();
      };
      if (isFull) this.#wake = wake;
      // The callback runs when the transport has this message and all before it: like `drain`, with a shorter queue.
      this.#call.write(bytes, () => {
        this.queuedBytes -= bytes.length;
        this.unreadSince = this.queuedBytes === 0 ? undefined : performance.now();
        if (isFull) wake();
      });
      if (!isFull) resolve();
    });
  }

  #pause(milliseconds: number): Promise<void> {
    return new Promise((resolve) => {
      const wake = () => {
        this.#wake = undefined;
        clearTimeout(timer);
        resolve();
      };
      const timer = setTimeout(wake, milliseconds);
      this.#wake = wake;
    });
  }
}
