import { BehaviorSubject } from 'rxjs';
import type { Log } from '../log.ts';
import type { ConntrackSource } from './source.ts';
import { candidatePaths, errorCause, probePath, toHostPath } from './table-paths.ts';
import { findUnparsedLine } from './unparsed-line.ts';

export type TableState =
  | {
      readonly kind: 'found';
      readonly source: ConntrackSource;
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
  /** Undefined: look for it. */
  readonly configured: string | undefined;
  readonly openSource: (path: string) => ConntrackSource;
  readonly log: Log;
  /** While a table is there it is tried this often, so that health tells of its loss though nobody watches. */
  readonly checkMs?: number;
}

const FIRST_RETRY_MS = 500;
const MAX_RETRY_MS = 5_000;
const CHECK_MS = 5_000;

/**
 * Finds the table, and finds it again when it was lost. The first candidate that opens and reads wins. One that was lost
 * is waited for: another one would be another namespace's table, and its flows would pass for this one's.
 */
export class TableFinder {
  readonly state$: BehaviorSubject<TableState>;
  #candidates: readonly Candidate[] = [];
  readonly #options: FinderOptions;
  #timer: NodeJS.Timeout | undefined;
  #retryMs = FIRST_RETRY_MS;
  /** The path that was found once. */
  #settled: string | undefined;

  constructor(options: FinderOptions) {
    this.#options = options;
    const { configured, log } = options;
    if (configured !== undefined && toHostPath(configured) !== configured)
      log.info(`${configured} is the reader's own namespace: reading ${toHostPath(configured)}, the node's`);
    const state = this.#probe();
    this.state$ = new BehaviorSubject<TableState>(state);
    if (state.kind === 'found') this.#found(state.source.path);
    else {
      log.info(`${state.reason}; trying again until ${configured === undefined ? 'a table' : 'it'} can be read`);
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
    if (this.source === source) this.#lose(source.path, errorCause(error, source.path));
    return this.#reason();
  }

  close(): void {
    clearTimeout(this.#timer);
    this.state$.complete();
  }

  #probe(): TableState {
    const { configured, openSource, log } = this.#options;
    const paths = this.#settled === undefined ? candidatePaths(configured) : [this.#settled];
    const tried: Candidate[] = [];
    for (const path of paths) {
      const outcome = probePath(path);
      log.debug(`candidate ${path}: ${outcome}`);
      tried.push({ path, outcome });
      if (outcome !== 'ok') continue;
      this.#note(tried);
      this.#settled = path;
      return describeFound(openSource(path));
    }
    this.#note(tried);
    return { kind: 'none', reason: this.#reason() };
  }

  /** What was tried before, and is not tried any more, stays in the list. */
  #note(tried: readonly Candidate[]): void {
    if (this.#settled === undefined) this.#candidates = tried;
    else
      this.#candidates = this.#candidates.map(
        (known) => tried.find((candidate) => candidate.path === known.path) ?? known,
      );
  }

  #reason(): string {
    const outcomes = this.#candidates.map(({ path, outcome }) => `${path}: ${outcome}`);
    return `no conntrack table can be read (${outcomes.join('; ')})`;
  }

  #found(path: string): void {
    const { log } = this.#options;
    log.info(`reading ${path}`);
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
      this.#found(state.source.path);
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
    const outcome = probePath(source.path);
    if (outcome !== 'ok') {
      this.#lose(source.path, outcome);
      return;
    }
    const state = describeFound(source);
    if (state.garbled !== describeUnparsed(this.state$.value)) {
      this.state$.next(state);
      this.#options.log.info(this.notReady ?? `${source.path} is understood now`);
    }
    this.#schedule();
  }
}

function describeUnparsed(state: TableState): string | undefined {
  return state.kind === 'found' ? state.garbled : undefined;
}

/** A table that cannot be read just now is found as lost by who reads it. */
function describeFound(source: ConntrackSource): TableState & { kind: 'found' } {
  try {
    const garbled = findUnparsedLine(source.path);
    return { kind: 'found', source, ...(garbled === undefined ? {} : { garbled }) };
  } catch {
    return { kind: 'found', source };
  }
}
