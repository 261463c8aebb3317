import { type ChunkedWork, runUntil } from '../../async/chunked-work.ts';
import { sentence } from '../../format/sanitize.ts';
import type { Snapshot } from '../../model/snapshot.ts';
import type { AdaptCommand } from '../../problems/next-step.ts';
import { withUnanswered } from '../../problems/unanswered-rule.ts';
import type { RateHistory } from '../../traffic/rate-history.ts';
import type { GraphPane } from '../graph-pane/graph-pane.ts';
import type { RowKey, TableId, ViewState } from '../state.ts';
import { RefreshPacer } from './refresh-pacer.ts';
import { SnapshotMemory } from './snapshot-memory.ts';
import type { Summaries } from './summaries.ts';
import { buildViewModel, buildViewModelNow, type ViewModel } from './view-model.ts';

/** The data of a screen. */
export interface DataNeeds {
  readonly tables: readonly TableId[];
  readonly graph: boolean;
}

/** The builder's input from the last frame. */
export interface VisibleFrame {
  readonly state: ViewState;
  readonly viewModel: ViewModel;
  readonly visible: {
    /** Ids. */
    readonly connections: ReadonlySet<number>;
    readonly rows: readonly { readonly table: TableId; readonly key: RowKey; readonly rate: number | undefined }[];
    readonly isGraph: boolean;
  };
}

interface Made {
  readonly derived: ViewModel;
  readonly snapshot: Snapshot;
  readonly state: ViewState;
}

interface Task {
  readonly steps: ChunkedWork<void>;
  /** The result. */
  readonly snapshot: Snapshot;
  readonly state: ViewState;
}

/** How long to work on a key's request before the screen is drawn without its result. */
const AT_ONCE_MS = 12;
/** The slice for recording a snapshot that is not shown. */
const RECORD_AT_ONCE_MS = 6;
/** The parts of the state that the view model depends on. */
const INPUTS = [
  'filter',
  'stateFilter',
  'family',
  'drill',
  'sorts',
  'names',
  'wide',
  'grouping',
  'workloadGrouping',
  'frozen',
] as const;

const NOTHING_YET: Snapshot = { at: 0, origin: sentence`connecting`, agents: [], connections: [], notices: [] };

/**
 * Builds the view model from snapshots in slices, so that keys do not wait for it: until it is complete, the previous one is
 * shown. With few connections it is built at once.
 */
export class ViewModelBuilder {
  readonly #memory: SnapshotMemory;
  /** The history of the shown snapshot. The memory is ahead of it only after a seek, until the new position is shown. */
  history: RateHistory;
  readonly #graph: GraphPane;
  readonly #ready: () => void;
  readonly #summaries: Summaries;
  readonly #pace = new RefreshPacer();
  #latest: Snapshot = NOTHING_YET;
  #made: Made;
  #drawn: Made | undefined;
  #task: Task | undefined;
  /** Each snapshot is recorded once, even if the task that started it is replaced. */
  #noting: ChunkedWork<void> | undefined;
  #watched: ReadonlySet<number> = new Set();
  #cost = 0;
  #slice: NodeJS.Immediate | undefined;
  #due: NodeJS.Timeout | undefined;
  #stopped = false;

  /** `ready`: called when there is a new result. `adapt`: for the commands of problems. */
  constructor(state: ViewState, graph: GraphPane, summaries: Summaries, ready: () => void, adapt?: AdaptCommand) {
    this.#memory = new SnapshotMemory(adapt);
    this.history = this.#memory.history;
    this.#summaries = summaries;
    this.#graph = graph;
    this.#ready = ready;
    this.#made = { derived: buildViewModelNow(NOTHING_YET, state), snapshot: NOTHING_YET, state };
  }

  /** After a seek: the next snapshot is from another time. */
  reset(): void {
    this.#memory.reset();
    this.#noting = undefined;
  }

  /** No snapshot has come yet, or none has been built: the view model is empty. */
  get isWaiting(): boolean {
    return this.#made.snapshot === NOTHING_YET;
  }

  /** The newest snapshot; undefined: none has come. */
  get latest(): Snapshot | undefined {
    return this.#latest === NOTHING_YET ? undefined : this.#latest;
  }

  /** The shown snapshot. */
  get shown(): Snapshot | undefined {
    return this.isWaiting ? undefined : this.#made.snapshot;
  }

  /** How long a newer snapshot than the shown one has been waiting. */
  get behindMs(): number {
    return this.#pace.behindMs(performance.now());
  }

  setSnapshot(given: Snapshot): void {
    const snapshot = withUnanswered(given);
    if (snapshot === this.#latest) return;
    this.#latest = snapshot;
    this.#pace.snapshotArrived(performance.now());
  }

  /**
   * In a replay: records a snapshot that may not be shown. Call it with each snapshot, in order, before it is set,
   * and with the next one only when this one is recorded.
   */
  recordHistory(snapshot: Snapshot): Promise<void> | undefined {
    const noting = this.#note(withUnanswered(snapshot));
    if (runUntil(noting, performance.now() + RECORD_AT_ONCE_MS) !== undefined) return undefined;
    return new Promise((resolve) => {
      const step = () => {
        if (this.#stopped || runUntil(noting, performance.now() + RECORD_AT_ONCE_MS) !== undefined) resolve();
        else setImmediate(step);
      };
      setImmediate(step);
    });
  }

  /** Sets the connections on the screen, whose rates are recorded. */
  setVisible({ visible, viewModel: { snapshot }, state }: VisibleFrame): void {
    this.#watched = visible.connections;
    const { history } = this;
    for (const { table, key, rate } of visible.rows)
      history.addShownSample(table, key, state.workloadGrouping, snapshot.at, rate);
    if (visible.isGraph) this.#graph.recordRates(history, snapshot.at, state.grouping);
  }

  /** Reports the time of drawing. The first drawing after a build counts as part of the build. */
  reportRenderTime(ms: number): void {
    if (this.#drawn !== this.#made) this.#pace.timeSpent(performance.now(), ms);
    this.#drawn = this.#made;
    if (this.#task !== undefined) return;
    if (!this.#summaries.isMissing) return;
    const steps = this.#summaries.completeChunked();
    const { snapshot, state } = this.#made;
    this.#begin({ steps, snapshot, state }, this.#pace.sliceMs(performance.now()));
    if (this.#task === undefined) this.#ready();
  }

  stop(): void {
    this.#stopped = true;
    clearImmediate(this.#slice);
    clearTimeout(this.#due);
    this.#slice = undefined;
    this.#task = undefined;
  }

  /** The view model for this state: the requested one if it can be built soon, or the previous one. */
  request(state: ViewState, wanted: DataNeeds): ViewModel {
    const now = performance.now();
    const snapshot = state.frozen ?? this.#latest;
    const target = this.#task ?? this.#made;
    const isAsked = INPUTS.some((input) => target.state[input] !== state[input]);
    if (isAsked && (this.#task === undefined || this.#pace.mayRestart(now)))
      this.#make(snapshot, state, wanted, AT_ONCE_MS);
    else if (this.#task === undefined && this.#isDue(snapshot, state, now))
      this.#make(snapshot, state, wanted, this.#pace.sliceMs(now));
    if (this.#task === undefined && !this.#has(wanted)) {
      const { derived: viewModel } = this.#made;
      this.#begin({ steps: this.#adding(viewModel, wanted), snapshot: this.#made.snapshot, state }, AT_ONCE_MS);
    }
    return this.#made.derived;
  }

  #isDue(snapshot: Snapshot, state: ViewState, now: number): boolean {
    const isNews = snapshot !== this.#made.snapshot || (state.frozen !== undefined && !this.#memory.has(this.#latest));
    if (!isNews) return false;
    const waitMs = this.#pace.dueAt - now;
    if (waitMs <= 0) return true;
    // No other event may come that would draw it.
    clearTimeout(this.#due);
    this.#due = setTimeout(this.#ready, waitMs);
    return false;
  }

  #has({ tables, graph }: DataNeeds): boolean {
    const { derived: viewModel } = this.#made;
    return tables.every((id) => viewModel.isReady(id)) && (!graph || this.#graph.isReady(viewModel));
  }

  #make(snapshot: Snapshot, state: ViewState, wanted: DataNeeds, ms: number): void {
    this.#pace.workStarted(performance.now());
    this.#begin({ steps: this.#making(snapshot, state, wanted), snapshot, state }, ms);
  }

  /** Replaces the current work, and runs for the given time at once. */
  #begin(task: Task, ms: number): void {
    this.#task = task;
    this.#cost = 0;
    this.#work(ms);
  }

  #work(ms: number): void {
    const task = this.#task;
    if (task === undefined) return;
    const began = performance.now();
    const done = runUntil(task.steps, began + ms) !== undefined;
    const now = performance.now();
    this.#cost += now - began;
    if (done) {
      if (this.#task === task) this.#task = undefined;
      this.#pace.timeSpent(now, this.#cost);
      return;
    }
    this.#slice ??= setImmediate(() => {
      this.#slice = undefined;
      this.#work(this.#pace.sliceMs(performance.now()));
      if (this.#task === undefined) this.#ready();
    });
  }

  *#making(snapshot: Snapshot, state: ViewState, wanted: DataNeeds): ChunkedWork<void> {
    const latest = this.#latest;
    while (latest !== NOTHING_YET && !this.#memory.has(latest)) {
      this.#noting ??= this.#note(latest);
      yield* this.#noting;
      this.#noting = undefined;
    }
    const from = this.#made;
    const isSame = from.snapshot === snapshot && INPUTS.every((one) => from.state[one] === state[one]);
    if (state.frozen === undefined || !isSame) {
      const problems = this.#memory.problemsOf(snapshot);
      const viewModel = yield* buildViewModel(snapshot, state, problems, wanted.tables, this.#memory.history);
      if (wanted.graph) yield* this.#graph.prepareChunked(viewModel);
      this.#made = { derived: viewModel, snapshot, state };
    }
    this.history = this.#memory.history;
    this.#pace.workDone(performance.now());
  }

  *#adding(viewModel: ViewModel, { tables, graph }: DataNeeds): ChunkedWork<void> {
    yield* viewModel.prepareChunked(tables);
    if (graph) yield* this.#graph.prepareChunked(viewModel);
  }

  #note(snapshot: Snapshot): ChunkedWork<void> {
    return this.#memory.recordChunked(snapshot, this.#watched, this.#made.state);
  }
}
