import type { Steps } from '../../async/chunked-work.ts';
import type { Snapshot } from '../../model/snapshot.ts';
import type { Problem } from '../../problems/problem.ts';
import { ProblemWatch } from '../../problems/problem-monitor.ts';
import { History } from '../../traffic/rate-history.ts';
import type { ViewState } from '../state.ts';
import { GraphHistory } from './graph-history.ts';

/** What one snapshot after another has told so far: rates over time, and since when something fails. */
export class Memory {
  #history = new History();
  #graphHistory = new GraphHistory();
  #problems = new ProblemWatch();
  /** What was found to be wrong at each snapshot that was noted. */
  readonly #found = new WeakMap<Snapshot, readonly Problem[]>();

  get history(): History {
    return this.#history;
  }

  /** What comes next is of another time. Snapshots that were noted stay so. */
  forget(): void {
    this.#history = new History();
    this.#graphHistory = new GraphHistory();
    this.#problems = new ProblemWatch();
  }

  has(snapshot: Snapshot): boolean {
    return this.#found.has(snapshot);
  }

  problemsOf(snapshot: Snapshot): readonly Problem[] {
    return this.#found.get(snapshot) ?? [];
  }

  /** `watched`: connections on the screen. To be finished before the next is begun. */
  *noting(snapshot: Snapshot, watched: ReadonlySet<number>, { talkersBy, grouping }: ViewState): Steps<void> {
    yield* this.#history.taking(snapshot, watched, talkersBy);
    yield* this.#graphHistory.taking(snapshot, grouping, this.#history);
    this.#found.set(snapshot, yield* this.#problems.looking(snapshot));
  }
}
