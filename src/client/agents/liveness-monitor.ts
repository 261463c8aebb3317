import type { WatchMessage } from '../../wire/decode.ts';
import { cleanSentence, sentence } from '../format/sanitize.ts';
import type { AgentStatus } from '../model/agent.ts';
import { MAX_IDLE_MESSAGES_PER_SECOND, MAX_IDLE_SECONDS, MAX_SNAPSHOT_STALL_MS } from '../model/limits.ts';
import type { AgentEvent } from './agent-event.ts';
import { cleanPoll } from './clean-agent.ts';
import { IdleMessageLimit } from './idle-message-limit.ts';
import { type RowShare, TooManyRowsError } from './row-budget.ts';
import { changesNothing, TableReplica } from './table-replica.ts';

/** Silence of three intervals, but at least of this time, makes an agent stale. */
const SILENCE_MS = 4_000;

export const STALLED = `its table does not come to an end: no new flow in ${MAX_SNAPSHOT_STALL_MS / 1000} s`;
const TOO_MANY_IDLE_MESSAGES = `sent more than ${MAX_IDLE_MESSAGES_PER_SECOND} messages a second that change nothing, for ${MAX_IDLE_SECONDS} s`;

/** Limits for one stream. */
export interface LivenessOptions {
  readonly share: RowShare;
  /** How many flows were requested. Absent: all. */
  readonly maxFlows?: number;
}

/** Turns messages, and their absence, into events. Throws the error that ends the stream. */
export class LivenessMonitor {
  /** Milliseconds of silence after which the agent is stale. */
  timeoutMs = SILENCE_MS;
  readonly #options: LivenessOptions;
  readonly #replica = new TableReplica();
  readonly #idle = new IdleMessageLimit();
  #hasTable = false;
  /** When the incoming snapshot had its last new row. */
  #rowAt = 0;

  constructor(options: LivenessOptions) {
    this.#options = options;
  }

  get inSnapshot(): boolean {
    return this.#replica.incomingRows !== undefined;
  }

  /** `now`: milliseconds, any clock. */
  take(message: WatchMessage, now: number): AgentEvent[] {
    this.#checkProgress(message, now);
    const { share, maxFlows } = this.#options;
    const limit = share.limit;
    const applied = this.#replica.applyMessage(message, limit);
    if (applied.kind === 'invalid') throw new Error(`${applied.reason}; the table is read again`);
    if (applied.kind === 'too many') throw new TooManyRowsError(limit);
    if (applied.kind === 'partial') {
      this.#checkAsked(this.#replica.incomingRows ?? 0);
      share.setRows(this.#replica.incomingRows ?? 0, 0);
      return [{ kind: 'heartbeat' }];
    }
    const { table } = applied;
    this.#checkAsked(table.size);
    const omitted = maxFlows === undefined ? 0 : (message.others?.flows ?? 0);
    share.setRows(table.size, omitted);
    this.#hasTable = true;
    const { poll, pollError } = message;
    if (poll !== undefined) this.timeoutMs = Math.max(SILENCE_MS, (poll.intervalSeconds ?? 0) * 3000);
    const status: AgentStatus =
      pollError === undefined ? { kind: 'live' } : { kind: 'stale', reason: cleanSentence(pollError) };
    return [
      {
        kind: 'table',
        table,
        ...(poll === undefined ? {} : { poll: cleanPoll(poll) }),
        ...(omitted === 0 ? {} : { omitted }),
        ...(pollError === undefined ? {} : { old: true }),
      },
      { kind: 'status', status },
    ];
  }

  #checkAsked(rows: number): void {
    const { maxFlows } = this.#options;
    if (maxFlows !== undefined && rows > maxFlows)
      throw new Error(`sent more than the ${maxFlows} flows that it was asked for`);
  }

  #checkProgress(message: WatchMessage, now: number): void {
    if (changesNothing(message)) {
      if (this.#idle.addMessage(now)) throw new Error(TOO_MANY_IDLE_MESSAGES);
      if (this.inSnapshot && !message.endOfPoll && now - this.#rowAt > MAX_SNAPSHOT_STALL_MS) throw new Error(STALLED);
    } else this.#rowAt = now;
    if (!this.inSnapshot) this.#rowAt = now;
  }

  silence(): AgentEvent {
    const seconds = Math.round(this.timeoutMs / 1000);
    const reason = this.#hasTable
      ? sentence`no update for ${seconds}s`
      : sentence`connected, but no data within ${seconds}s`;
    return { kind: 'status', status: { kind: 'stale', reason } };
  }
}
