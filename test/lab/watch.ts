import type { ClientReadableStream, ServiceError } from '@grpc/grpc-js';
import { applyDelta } from '../../src/flow/apply.ts';
import { type Flow, type FlowUpdate, readFlow } from '../../src/flow/flow.ts';
import { FlowTable } from '../../src/flow/flow-table.ts';
import { decodeResponse, type WatchMessage } from '../../src/wire/decode.ts';
import type { WatchFlowsResponse__Output } from '../../src/wire/gen/kflow/v1/WatchFlowsResponse.ts';

/** What one poll brought, and the table that it made. */
export interface Poll {
  /** When its last message came, by `performance.now()`. */
  readonly receivedAt: number;
  readonly snapshot: boolean;
  readonly last: WatchMessage;
  readonly added: readonly Flow[];
  readonly updated: readonly FlowUpdate[];
  readonly removed: readonly number[];
  /** The whole table after it. */
  readonly flows: readonly Flow[];
}

/** Follows WatchFlows, and folds its messages as any client has to: whatever does not fit is an error. */
export class Watch {
  readonly polls: Poll[] = [];
  messages = 0;
  #table = new FlowTable();
  #pending: WatchMessage[] = [];
  #inSnapshot = false;
  #waiting: (() => void)[] = [];
  #ended: Error | undefined;
  readonly #call: ClientReadableStream<WatchFlowsResponse__Output>;

  constructor(call: ClientReadableStream<WatchFlowsResponse__Output>) {
    this.#call = call;
    call.on('data', (response) => this.#take(decodeResponse(response, Date.now())));
    call.on('error', (error: ServiceError) => this.#end(error));
    call.on('end', () => this.#end(new Error('the stream ended')));
  }

  get flows(): readonly Flow[] {
    return this.polls.at(-1)?.flows ?? [];
  }

  /** The next poll that comes. */
  async next(): Promise<Poll> {
    const count = this.polls.length;
    return this.#wait((polls) => polls[count]);
  }

  /** The first poll from `since` on (an index of `polls`; default: the last one) in which `find` finds something. */
  async until<T>(what: string, deadlineMs: number, find: (poll: Poll) => T | undefined, since?: number): Promise<T> {
    const from = since ?? Math.max(0, this.polls.length - 1);
    let looked = from;
    const found = this.#wait((polls) => {
      for (; looked < polls.length; looked++) {
        const value = find(polls[looked] as Poll);
        if (value !== undefined) return value;
      }
      return undefined;
    });
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new Error(`${what}: not within ${deadlineMs} ms`)), deadlineMs);
    });
    return Promise.race([found, late]).finally(() => clearTimeout(timer));
  }

  /** Why the stream ended; waits for that. */
  async ended(): Promise<Error> {
    while (this.#ended === undefined) await this.#news();
    return this.#ended;
  }

  close(): void {
    this.#call.cancel();
  }

  async #wait<T>(find: (polls: readonly Poll[]) => T | undefined): Promise<T> {
    for (;;) {
      const found = find(this.polls);
      if (found !== undefined) return found;
      if (this.#ended) throw this.#ended;
      await this.#news();
    }
  }

  #news(): Promise<void> {
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  #take(message: WatchMessage): void {
    this.messages++;
    if (message.sequence !== this.messages) this.#fail(`message ${message.sequence} in the place of ${this.messages}`);
    if (message.snapshot && !this.#inSnapshot) {
      this.#table = new FlowTable();
      this.#pending = [];
    }
    this.#inSnapshot = message.snapshot && !message.endOfPoll;
    this.#pending.push(message);
    const refused = applyDelta(this.#table, message.delta);
    if (refused > 0) this.#fail(`${refused} changes do not fit the table`);
    if (!message.endOfPoll) return;
    this.#table.commit(message.observedAt);
    const slots = Array.from({ length: this.#table.end }, (_, slot) => slot);
    this.polls.push({
      receivedAt: performance.now(),
      snapshot: message.snapshot,
      last: message,
      added: this.#pending.flatMap(({ delta }) => delta.added),
      updated: this.#pending.flatMap(({ delta }) => delta.updated),
      removed: this.#pending.flatMap(({ delta }) => delta.removed),
      flows: slots.filter((slot) => this.#table.isLive(slot)).map((slot) => readFlow(this.#table, slot)),
    });
    if (message.poll !== undefined && message.poll.entries !== this.#table.size && !this.filtered)
      this.#fail(`${this.#table.size} flows, but the agent has ${message.poll.entries}`);
    this.#pending = [];
    this.#wake();
  }

  /** Set it for a stream with a filter: the table then is only a part of the agent's. */
  filtered = false;

  #fail(reason: string): void {
    this.#end(new Error(`a stream that makes no sense: ${reason}`));
    this.close();
  }

  #end(error: Error): void {
    this.#ended ??= error;
    this.#wake();
  }

  #wake(): void {
    for (const resolve of this.#waiting.splice(0)) resolve();
  }
}
