import type { Snapshot } from '../../model.ts';
import { ProblemWatch } from '../../problems/problem-watch.ts';
import type { GraphPicture } from '../graph/picture.ts';
import type { TableId, ViewState } from '../state/state.ts';
import { type Derived, derive, deriving } from './derive.ts';
import { History } from './history.ts';
import { advance, finish, type Steps } from './steps.ts';

/** What a screen shows. */
export interface Wanted {
  readonly tables: readonly TableId[];
  readonly graph: boolean;
}

interface Made {
  readonly derived: Derived;
  readonly snapshot: Snapshot;
  readonly state: ViewState;
}

interface Task {
  readonly steps: Steps<void>;
  /** What it will have made. */
  readonly snapshot: Snapshot;
  readonly state: ViewState;
}

/** What a key asked for is worked on for so long before the screen is drawn without it. */
const AT_ONCE_MS = 12;
/** Between two slices of this, keys have their turn. */
const SLICE_MS = 6;
/** Following the snapshots takes at most one part in so many of the time. */
const SHARE = 5;
/** After a jump, what was before it is remembered for so long at most. */
const REMEMBERING_MS = 250;
/** What of the state the derived data depends on. */
const INPUTS = [
  'filter',
  'stateFilter',
  'family',
  'drill',
  'sorts',
  'names',
  'wide',
  'grouping',
  'talkersBy',
  'frozen',
] as const;

const NOTHING_YET: Snapshot = { at: 0, origin: 'connecting', agents: [], connections: [], notices: [] };

/**
 * Makes what is shown of the snapshots, in slices, so that no key waits for it: until it is made, what was made before is
 * shown. With few connections all of it is made at once.
 */
export class Deriver {
  history = new History();
  #problems = new ProblemWatch();
  readonly #graph: GraphPicture;
  readonly #ready: () => void;
  readonly #lacking: () => Steps<void> | undefined;
  #latest: Snapshot = NOTHING_YET;
  #made: Made;
  #task: Task | undefined;
  /** Noting a snapshot is done once, whatever becomes of the task that does it. */
  #noting: Steps<void> | undefined;
  #noted: Snapshot = NOTHING_YET;
  #watched: ReadonlySet<number> = new Set();
  #remembering = 0;
  #cost = 0;
  #next = 0;
  #slice: NodeJS.Immediate | undefined;

  /** `ready`: there is something new to show. `lacking`: what was drawn lacks something, and these steps make it. */
  constructor(
    state: ViewState,
    graph: GraphPicture,
    ready: () => void,
    lacking: () => Steps<void> | undefined = () => undefined,
  ) {
    this.#lacking = lacking;
    this.#graph = graph;
    this.#ready = ready;
    this.#made = { derived: derive(NOTHING_YET, state), snapshot: NOTHING_YET, state };
  }

  /** What follows is of another time: what was remembered of the past is not its past. */
  forget(): void {
    this.history = new History();
    this.#problems = new ProblemWatch();
    this.#noting = undefined;
    this.#task = undefined;
    this.#remembering = 0;
  }

  /** Nothing has come yet, or nothing of it is made: what there is to show says nothing of what is there. */
  get isWaiting(): boolean {
    return this.#made.snapshot === NOTHING_YET;
  }

  take(snapshot: Snapshot): void {
    this.#latest = snapshot;
  }

  /** One of many that come at once, of which few will be shown: its rates are remembered, as long as that is quickly done. */
  remember(snapshot: Snapshot): void {
    if (this.#remembering > REMEMBERING_MS) return;
    const began = performance.now();
    finish(this.history.taking(snapshot, this.#watched, this.#made.state.talkersBy));
    this.#remembering += performance.now() - began;
  }

  /** The connections on the screen: their rates are remembered. */
  watch(connections: ReadonlySet<number>): void {
    this.#watched = connections;
  }

  /** Drawing took so long: it counts as a part of following the snapshots. */
  drawn(ms: number): void {
    this.#next += ms * SHARE;
    if (this.#task !== undefined) return;
    const steps = this.#lacking();
    if (steps === undefined) return;
    const { snapshot, state } = this.#made;
    this.#begin({ steps, snapshot, state }, SLICE_MS);
    if (this.#task === undefined) this.#ready();
  }

  stop(): void {
    clearImmediate(this.#slice);
    this.#slice = undefined;
    this.#task = undefined;
  }

  /** What there is to show for this state, now: what it asks for, if that is soon made, or what there was before. */
  derived(state: ViewState, wanted: Wanted): Derived {
    const snapshot = state.frozen ?? this.#latest;
    const target = this.#task ?? this.#made;
    const asked = INPUTS.some((input) => target.state[input] !== state[input]);
    if (asked) this.#begin({ steps: this.#making(snapshot, state, wanted), snapshot, state }, AT_ONCE_MS);
    else if (this.#task === undefined && this.#isDue(snapshot, state))
      this.#begin({ steps: this.#making(snapshot, state, wanted), snapshot, state }, SLICE_MS);
    if (this.#task === undefined && !this.#has(wanted)) {
      const { derived } = this.#made;
      this.#begin({ steps: this.#adding(derived, wanted), snapshot: this.#made.snapshot, state }, AT_ONCE_MS);
    }
    return this.#made.derived;
  }

  #isDue(snapshot: Snapshot, state: ViewState): boolean {
    const isNews = snapshot !== this.#made.snapshot || (state.frozen !== undefined && this.#latest !== this.#noted);
    return isNews && performance.now() >= this.#next;
  }

  #has({ tables, graph }: Wanted): boolean {
    const { derived } = this.#made;
    return tables.every((id) => derived.isReady(id)) && (!graph || this.#graph.isReady(derived));
  }

  /** Begins in the place of what is being worked on, and goes on for so long at once. */
  #begin(task: Task, ms: number): void {
    this.#task = task;
    this.#cost = 0;
    this.#work(ms);
  }

  #work(ms: number): void {
    const task = this.#task;
    if (task === undefined) return;
    const began = performance.now();
    const done = advance(task.steps, began + ms) !== undefined;
    const now = performance.now();
    this.#cost += now - began;
    if (done) {
      if (this.#task === task) this.#task = undefined;
      this.#next = now + this.#cost * SHARE;
      return;
    }
    this.#slice ??= setImmediate(() => {
      this.#slice = undefined;
      this.#work(SLICE_MS);
      if (this.#task === undefined) this.#ready();
    });
  }

  *#making(snapshot: Snapshot, state: ViewState, wanted: Wanted): Steps<void> {
    if (this.#latest !== this.#noted) {
      this.#noting ??= this.#note(this.#latest);
      yield* this.#noting;
      this.#noting = undefined;
    }
    const from = this.#made;
    if (
      state.frozen !== undefined &&
      from.snapshot === snapshot &&
      INPUTS.every((one) => from.state[one] === state[one])
    )
      return;
    const problems = yield* this.#problems.looking(snapshot);
    const derived = yield* deriving(snapshot, state, problems, wanted.tables, this.history);
    if (wanted.graph) yield* this.#graph.preparing(derived);
    this.#made = { derived, snapshot, state };
  }

  *#adding(derived: Derived, { tables, graph }: Wanted): Steps<void> {
    yield* derived.preparing(tables);
    if (graph) yield* this.#graph.preparing(derived);
  }

  *#note(snapshot: Snapshot): Steps<void> {
    yield* this.history.taking(snapshot, this.#watched, this.#made.state.talkersBy);
    yield* this.#problems.looking(snapshot);
    this.#noted = snapshot;
  }
}
