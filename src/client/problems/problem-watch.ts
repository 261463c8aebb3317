import type { Snapshot } from '../model.ts';
import { momentOf } from './moment.ts';
import type { Look, Problem } from './problem.ts';
import { PROBLEM_KINDS } from './registry.ts';

/** Looking again sooner would show nothing new: agents poll once a second. */
const PAUSE_MS = 500;
/** However long it takes: what is wrong is to be told in time. */
const MOST_PAUSE_MS = 2000;
/** Looking takes at most this share of the time. */
const COST_SHARE = 10;

/** Looks at one snapshot after another, and remembers between them what tells a fault from a moment's delay. */
export class ProblemWatch {
  #looks: readonly Look[] = [];
  #found = new WeakMap<Snapshot, readonly Problem[]>();
  #last: readonly Problem[] = [];
  #lastAt = Number.POSITIVE_INFINITY;
  #pauseMs = 0;

  /** What is wrong at the snapshot's time, worst first. The same snapshot always gets the same answer. */
  of(snapshot: Snapshot): readonly Problem[] {
    const looking = this.looking(snapshot);
    for (;;) {
      const step = looking.next();
      if (step.done) return step.value;
    }
  }

  /** The same, a kind at a time, so that others have their turn in between. To be finished before the next is begun. */
  *looking(snapshot: Snapshot): Generator<undefined, readonly Problem[]> {
    const known = this.#found.get(snapshot);
    if (known !== undefined) return known;
    // A recording was wound back: what was seen is yet to come.
    if (snapshot.at < this.#lastAt) {
      this.#looks = PROBLEM_KINDS.map((kind) => kind.begin());
      this.#lastAt = Number.NEGATIVE_INFINITY;
    }
    if (snapshot.at - this.#lastAt >= this.#pauseMs) {
      const began = performance.now();
      const moment = momentOf(snapshot);
      const found: Problem[] = [];
      let cost = performance.now() - began;
      for (const look of this.#looks) {
        yield;
        let from = performance.now();
        const looked = look(moment);
        if ('next' in looked) {
          for (;;) {
            const step = looked.next();
            if (step.done) {
              found.push(...step.value);
              break;
            }
            cost += performance.now() - from;
            yield;
            from = performance.now();
          }
        } else found.push(...looked);
        cost += performance.now() - from;
      }
      this.#last = found.sort((a, b) => b.severity - a.severity || b.count - a.count);
      this.#lastAt = snapshot.at;
      this.#pauseMs = Math.min(MOST_PAUSE_MS, Math.max(PAUSE_MS, cost * COST_SHARE));
    }
    this.#found.set(snapshot, this.#last);
    return this.#last;
  }
}
