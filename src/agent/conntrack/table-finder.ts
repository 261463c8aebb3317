import { BehaviorSubject } from 'rxjs';
import type { Log } from '../log.ts';
import type { ConntrackSource } from './source.ts';
import type { TableCandidate } from './table-candidate.ts';
import { errorCause } from './table-paths.ts';

export type TableState =
  | {
      readonly kind: 'found';
      readonly source: ConntrackSource;
      /** Why the agent chose this source. */
      readonly choice: string;
      /** A sample line, if the table has lines and none of the lines examined is one of a conntrack table. */
      readonly garbled?: string;
    }
  /** `reason` lists the candidates, and why each is unreadable. */
  | { readonly kind: 'none'; readonly reason: string };

export interface Candidate {
  readonly path: string;
  /** "ok", or why it cannot be read. */
  readonly outcome: string;
}

export interface FinderOptions {
  /** Returns the candidates in order. Called again until one of them is readable. */
  readonly findCandidates: () => readonly TableCandidate[];
  readonly log: Log;
  /** Interval of the checks while a table is found, so that health reports its loss even without subscribers. */
  readonly checkMs?: number;
}

const FIRST_RETRY_MS = 500;
const MAX_RETRY_MS = 5_000;
const CHECK_MS = 5_000;

/**
 * Finds the table, and finds it again after a loss. The first readable candidate wins. After a loss, the finder waits for the
 * same table or reads it from another source; it never takes a table of another network for this one.
 */
export class TableFinder {
  readonly state$: BehaviorSubject<TableState>;
  #candidates: readonly Candidate[] = [];
  readonly #options: FinderOptions;
  #timer: NodeJS.Timeout | undefined;
  #retryMs = FIRST_RETRY_MS;
  /** After the first success: the candidates of the same network. */
  #settled: readonly TableCandidate[] | undefined;
  /** The candidate in use. */
  #current: TableCandidate | undefined;

  constructor(options: FinderOptions) {
    this.#options = options;
    const state = this.#probe();
    this.state$ = new BehaviorSubject<TableState>(state);
    if (state.kind === 'found') this.#found(state);
    else {
      const what = this.#candidates.length === 1 ? 'it' : 'a table';
      options.log.info(`${state.reason}; trying again until ${what} can be read`);
    }
    this.#schedule();
  }

  /** The candidates that were tried, in order, with their outcomes. */
  get candidates(): readonly Candidate[] {
    return this.#candidates;
  }

  /** The table's source; undefined while no table is readable. */
  get source(): ConntrackSource | undefined {
    const state = this.state$.value;
    return state.kind === 'found' ? state.source : undefined;
  }

  /** Why the agent is not ready although it runs; undefined if it is ready. */
  get notReady(): string | undefined {
    const state = this.state$.value;
    if (state.kind === 'none') return state.reason;
    if (state.garbled === undefined) return undefined;
    return `no line of ${state.source.path} is one of a conntrack table, such as ${JSON.stringify(state.garbled)}`;
  }

  /** Retries at once if there is no table, because a subscriber waits for it. */
  retryNow(): void {
    if (this.source === undefined) this.#retry();
  }

  /** Reports that the source could not be read. Returns why no table can be read now. */
  reportReadError(source: ConntrackSource, error: unknown): string {
    const cause = errorCause(error, source.path);
    if (this.source === source) this.#lose(source.path, cause);
    const state = this.state$.value;
    return state.kind === 'none' ? state.reason : `${source.path}: ${cause}`;
  }

  close(): void {
    clearTimeout(this.#timer);
    this.state$.complete();
  }

  #probe(): TableState {
    const { findCandidates, log } = this.#options;
    const candidates = this.#settled ?? findCandidates();
    const tried: Candidate[] = [];
    for (const candidate of candidates) {
      const { path } = candidate;
      const outcome = candidate.probe();
      log.debug(`candidate ${path}: ${outcome}`);
      tried.push({ path, outcome });
      if (outcome !== 'ok') continue;
      this.#note(tried);
      const network = candidate.network();
      this.#settled ??= candidates.filter((one) => one === candidate || one.network() === network);
      this.#current = candidate;
      // If another source was tried first, its failure is the reason for this choice.
      const [first] = candidates;
      const failed = first !== undefined && first.kind !== candidate.kind ? tried[0] : undefined;
      return describeFound(candidate, failed === undefined ? candidate.reason : `${failed.path}: ${failed.outcome}`);
    }
    this.#note(tried);
    return { kind: 'none', reason: this.#reason() };
  }

  /** Candidates that were tried earlier, but not this time, stay in the list. */
  #note(tried: readonly Candidate[]): void {
    if (this.#settled === undefined) this.#candidates = tried;
    else
      this.#candidates = [
        ...this.#candidates.map((known) => tried.find(({ path }) => path === known.path) ?? known),
        ...tried.filter(({ path }) => this.#candidates.every((known) => known.path !== path)),
      ];
  }

  #reason(): string {
    const outcomes = this.#candidates.map(({ path, outcome }) => `${path}: ${outcome}`);
    return `no conntrack table can be read (${outcomes.join('; ')})`;
  }

  #found({ source, choice }: TableState & { kind: 'found' }): void {
    const { log } = this.#options;
    log.info(`reading ${source.path} (${choice})`);
    if (this.notReady !== undefined) log.info(this.notReady);
  }

  #lose(path: string, outcome: string): void {
    this.#note([{ path, outcome }]);
    this.#options.log.info(`${path} can no longer be read: ${outcome}; trying again until it can`);
    this.#retryMs = FIRST_RETRY_MS;
    this.state$.next({ kind: 'none', reason: this.#reason() });
    this.#schedule();
  }

  #retry(): void {
    const state = this.#probe();
    if (state.kind === 'found') {
      this.state$.next(state);
      this.#found(state);
    } else this.#retryMs = Math.min(this.#retryMs * 2, MAX_RETRY_MS);
    this.#schedule();
  }

  #schedule(): void {
    clearTimeout(this.#timer);
    const { source } = this;
    const { checkMs = CHECK_MS } = this.#options;
    this.#timer = source
      ? setTimeout(() => this.#check(source), checkMs)
      : setTimeout(() => this.#retry(), this.#retryMs);
    this.#timer.unref();
  }

  #check(source: ConntrackSource): void {
    const before = this.state$.value;
    const candidate = this.#current;
    if (candidate === undefined || before.kind === 'none') return;
    const outcome = candidate.check();
    if (outcome !== 'ok') {
      this.#lose(source.path, outcome);
      return;
    }
    const garbled = findGarbled(candidate);
    if (garbled !== before.garbled) {
      const { garbled: _, ...rest } = before;
      this.state$.next({ ...rest, ...(garbled === undefined ? {} : { garbled }) });
      this.#options.log.info(this.notReady ?? `${source.path} is understood now`);
    }
    this.#schedule();
  }
}

function describeFound(candidate: TableCandidate, choice: string): TableState & { kind: 'found' } {
  const garbled = findGarbled(candidate);
  return { kind: 'found', source: candidate.open(), choice, ...(garbled === undefined ? {} : { garbled }) };
}

/** If the table is unreadable now, the next read detects the loss. */
function findGarbled(candidate: TableCandidate): string | undefined {
  try {
    return candidate.findUnparsed();
  } catch {
    return undefined;
  }
}
