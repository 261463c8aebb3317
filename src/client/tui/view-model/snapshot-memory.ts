import type { ChunkedWork } from '../../async/chunked-work.ts';
import type { Snapshot } from '../../model/snapshot.ts';
import type { AdaptCommand } from '../../problems/next-step.ts';
import type { Problem } from '../../problems/problem.ts';
import { ProblemMonitor } from '../../problems/problem-monitor.ts';
import { RateHistory } from '../../traffic/rate-history.ts';
import type { ViewState } from '../state.ts';
import { GraphHistory } from './graph-history.ts';

/** History over snapshots: rates over time, and since when something fails. */
export class SnapshotMemory {
  #history = new RateHistory();
  #graphHistory = new GraphHistory();
  #problems: ProblemMonitor;
  readonly #adapt: AdaptCommand | undefined;
  /** The problems of each recorded snapshot. */
  readonly #found = new WeakMap<Snapshot, readonly Problem[]>();

  constructor(adapt?: AdaptCommand) {
    this.#adapt = adapt;
    this.#problems = new ProblemMonitor(adapt);
  }

  get history(): RateHistory {
    return this.#history;
  }

  /** The next snapshot is from another time. Recorded snapshots stay recorded. */
  reset(): void {
    this.#history = new RateHistory();
    this.#graphHistory = new GraphHistory();
    this.#problems = new ProblemMonitor(this.#adapt);
  }

  has(snapshot: Snapshot): boolean {
    return this.#found.has(snapshot);
  }

  problemsOf(snapshot: Snapshot): readonly Problem[] {
    return this.#found.get(snapshot) ?? [];
  }

  /** `watched`: connections on the screen. Finish it before the next one starts. */
  *recordChunked(
    snapshot: Snapshot,
    watched: ReadonlySet<number>,
    { workloadGrouping, grouping }: ViewState,
  ): ChunkedWork<void> {
    yield* this.#history.record(snapshot, watched, workloadGrouping);
    yield* this.#graphHistory.taking(snapshot, grouping, this.#history);
    this.#found.set(snapshot, yield* this.#problems.update(snapshot));
  }
}
