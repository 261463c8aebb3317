import { from, type Observable } from 'rxjs';
import type { FlowTable } from '../../flow/flow-table.ts';
import type { NewestEntries } from '../conntrack/newest-entries.ts';
import type { ConntrackSource } from '../conntrack/source.ts';
import type { TableFinder } from '../conntrack/table-finder.ts';
import { runInSlices } from '../event-loop.ts';
import type { Log } from '../log.ts';
import { PollPacer } from './poll-pacer.ts';
import { pollWhileSubscribed } from './poll-while-subscribed.ts';
import { TableUpdater } from './table-updater.ts';

/** The result of a poll, and the table after it. */
export interface PollResult {
  /** The same table in each poll, at a newer version each time. Version 0: no poll has succeeded yet. */
  readonly table: FlowTable;
  /** The version that this poll committed. */
  readonly version: number;
  /** Number of flows in the table. */
  readonly entries: number;
  readonly unparsedLines: number;
  /** One of the unparsed lines. */
  readonly unparsedSample?: string;
  readonly durationSeconds: number;
  /** Current time between two polls. */
  readonly intervalSeconds: number;
  readonly skipped: boolean;
  /** Why this poll failed. The table and the other fields are then those of the last successful poll. */
  readonly error?: string;
}

export interface PollOptions {
  readonly finder: TableFinder;
  readonly intervalMs: number;
  readonly maxDuty: number;
  /** Returns the version that every reader of the table has. Rows removed up to it can be freed. */
  readonly minSubscriberVersion: (table: FlowTable) => number;
  readonly totals: PollTotals;
  /** Derives the kernel settings from entries that begin during the session. */
  readonly newest?: NewestEntries;
  readonly log: Log;
}

/**
 * Polls the table while there are subscribers. After a pause, the next subscriber starts with an empty table. It never errors: a
 * failed poll has an `error`. A late subscriber gets the last poll at once.
 */
export function pollTable(options: PollOptions): Observable<PollResult> {
  // Flow ids continue from one table to the next. A poll without subscribers finishes before a new session polls.
  let firstId = 1;
  let running: Promise<unknown> = Promise.resolve();
  return pollWhileSubscribed(() => {
    const abort = new AbortController();
    const before = running;
    let poller: Poller | undefined;
    return {
      poll() {
        const poll = before.then(() => {
          poller ??= new Poller(options, firstId, abort.signal);
          return poller.poll();
        });
        running = poll;
        return from(poll);
      },
      delayMs: () => poller?.pace.nextDelayMs(performance.now()) ?? 0,
      end() {
        abort.abort();
        running = running.then(() => {
          firstId = poller?.nextId ?? firstId;
        });
      },
    };
  });
}

/** One table and its polls. */
class Poller {
  readonly pace: PollPacer;
  readonly #options: PollOptions;
  readonly #updater: TableUpdater;
  readonly #signal: AbortSignal;
  #last: Omit<PollResult, 'error'>;
  #source: ConntrackSource | undefined;
  #note: string | undefined;

  constructor(options: PollOptions, firstId: number, signal: AbortSignal) {
    this.#options = options;
    this.#signal = signal;
    options.newest?.reset();
    this.#updater = new TableUpdater(firstId, options.newest);
    this.pace = new PollPacer(options.intervalMs, options.maxDuty);
    const intervalSeconds = options.intervalMs / 1000;
    const { table } = this.#updater;
    this.#last = {
      table,
      version: table.version,
      entries: 0,
      unparsedLines: 0,
      durationSeconds: 0,
      intervalSeconds,
      skipped: false,
    };
  }

  get nextId(): number {
    return this.#updater.table.nextId;
  }

  /** Never rejects. */
  async poll(): Promise<PollResult> {
    const { finder, log, totals, minSubscriberVersion } = this.#options;
    const { table } = this.#updater;
    // Grow the table here, not between a commit and its result: a stream that sends in that time would have a version that no result has
    // reported.
    await runInSlices(this.#updater.growChunked());
    const start = performance.now();
    this.pace.pollStarted(start);
    const state = finder.state$.value;
    if (state.kind === 'none') return this.#failed(state.reason);
    table.reclaim(minSubscriberVersion(table));
    try {
      if (this.#source?.kind !== state.source.kind) this.#updater.forgetIdentities();
      this.#source = state.source;
      this.#updater.begin(start, Date.now());
      const { busyMs, note } = await state.source.read(this.#updater, this.#signal);
      const cost = busyMs + (await runInSlices(this.#updater.completeChunked()));
      const end = performance.now();
      this.#pay(cost);
      if (note !== undefined && note !== this.#note) log.info(`${state.source.path}: ${note}`);
      this.#note = note;
      const { unparsed, unparsedSample } = this.#updater;
      totals.succeeded(cost, unparsed, unparsedSample);
      this.#last = {
        table,
        version: table.version,
        entries: table.size,
        unparsedLines: unparsed,
        ...(unparsedSample === undefined ? {} : { unparsedSample }),
        durationSeconds: (end - start) / 1000,
        intervalSeconds: this.pace.intervalMs / 1000,
        skipped: this.pace.skipped,
      };
      log.debug(
        `poll: ${table.size} entries, ${this.#updater.unparsed} unparsed lines, ${(end - start).toFixed(1)} ms, ` +
          `${cost.toFixed(1)} ms of CPU`,
      );
      return this.#last;
    } catch (error) {
      // The poll was aborted because nobody waits for it. The table has no fault.
      if (this.#signal.aborted) return this.#last;
      return this.#failed(finder.reportReadError(state.source, error));
    }
  }

  #failed(error: string): PollResult {
    this.#options.log.debug(`poll: ${error}`);
    this.#options.totals.failed();
    const intervalSeconds = this.pace.intervalMs / 1000;
    return { ...this.#last, intervalSeconds, skipped: this.pace.skipped, error };
  }

  #pay(busyMs: number): void {
    const { log } = this.#options;
    const was = this.pace.isThrottled;
    this.pace.pollEnded(busyMs);
    if (this.pace.isThrottled === was) return;
    const seconds = (this.pace.intervalMs / 1000).toFixed(1);
    if (was) log.info(`polls are back to every ${seconds} s`);
    else log.info(`a poll takes ${busyMs.toFixed(0)} ms of a core: polling every ${seconds} s, to keep KFLOW_MAX_DUTY`);
  }
}

/** Totals of all polls since the agent started, for its metrics. */
export class PollTotals {
  polls = 0;
  failures = 0;
  /** CPU time of polling. */
  busySeconds = 0;
  unparsedLines = 0;
  /** An unparsed line of the last successful poll. */
  unparsedSample: string | undefined;

  succeeded(busyMs: number, unparsedLines: number, unparsedSample: string | undefined): void {
    this.polls++;
    this.busySeconds += busyMs / 1000;
    this.unparsedLines += unparsedLines;
    this.unparsedSample = unparsedSample;
  }

  failed(): void {
    this.polls++;
    this.failures++;
  }
}
