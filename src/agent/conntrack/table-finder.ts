import { BehaviorSubject } from 'rxjs';
import type { Log } from '../log.ts';
import type { ConntrackSource } from './source.ts';
import type { TableCandidate } from './table-candidate.ts';
import { errorCause } from './table-paths.ts';

export type TableState =
  | {
      readonly kind: 'found';
      readonly source: ConntrackSource;
      /** Why it is read in this way. */
      readonly choice: string;
      /** It has lines, and none that is looked at is one of a conntrack table: one of them. */
      readonly garbled?: string;
    }
  /** `reason` says what was tried, and why each cannot be read. */
  | { readonly kind: 'none'; readonly reason: string };

export interface Candidate {
  readonly path: string;
  /** "ok", or why it cannot be read. */
  readonly outcome: string;
}

export interface FinderOptions {
  /** Where it is looked for, in this order. Asked again until one is found. */
  readonly findCandidates: () => readonly TableCandidate[];
  readonly log: Log;
  /** While a table is there it is tried this often, so that health tells of its loss though nobody watches. */
  readonly checkMs?: number;
}

const FIRST_RETRY_MS = 500;
const MAX_RETRY_MS = 5_000;
const CHECK_MS = 5_000;

/**
 * Finds the table, and finds it again when it was lost. The first candidate that opens and reads wins. One that was lost is waited
 * for, or read in another way: a table of another network would pass for this one's.
 */
export class TableFinder {
  readonly state$: BehaviorSubject<TableState>;
  #candidates: readonly Candidate[] = [];
  readonly #options: FinderOptions;
  #timer: NodeJS.Timeout | undefined;
  #retryMs = FIRST_RETRY_MS;
  /** Once one was found: those that are of the same network. */
  #settled: readonly TableCandidate[] | undefined;
  /** The one that is read. */
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

  /** What was tried, in order, and how each fared. */
  get candidates(): readonly Candidate[] {
    return this.#candidates;
  }

  /** The table's source, or undefined while none can be read. */
  get source(): ConntrackSource | undefined {
    const state = this.state$.value;
    return state.kind === 'found' ? state.source : undefined;
  }

  /** Why the agent cannot do its work, though it runs; undefined while it can. */
  get notReady(): string | undefined {
    const state = this.state$.value;
    if (state.kind === 'none') return state.reason;
    if (state.garbled === undefined) return undefined;
    return `no line of ${state.source.path} is one of a conntrack table, such as ${JSON.stringify(state.garbled)}`;
  }

  /** Tries at once, if no table is known: somebody wants it. */
  retryNow(): void {
    if (this.source === undefined) this.#retry();
  }

  /** To be called when the source could not be read. Returns why no table can be read now. */
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
      // Where another way was tried first, why it is not taken is the reason.
      const [first] = candidates;
      const failed = first !== undefined && first.kind !== candidate.kind ? tried[0] : undefined;
      return describeFound(candidate, failed === undefined ? candidate.reason : `${failed.path}: ${failed.outcome}`);
    }
    this.#note(tried);
    return { kind: 'none', reason: this.#reason() };
  }

  /** What was tried before, and is not tried any more, stays in the list. */
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

/** A table that cannot be read just now is found as lost by who reads it. */
function findGarbled(candidate: TableCandidate): string | undefined {
  try {
    return candidate.findUnparsed();
  } catch {
    return undefined;
  }
}
