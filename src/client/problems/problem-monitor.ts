import type { Snapshot } from '../model/snapshot.ts';
import { accountingOff } from './detectors/accounting-off.ts';
import { agentUnavailable } from './detectors/agent-unavailable.ts';
import { closeWait } from './detectors/close-wait.ts';
import { conntrackDrops } from './detectors/conntrack-drops.ts';
import { conntrackFull } from './detectors/conntrack-full.ts';
import { dnsUnanswered } from './detectors/dns-unanswered.ts';
import { echoUnanswered } from './detectors/echo-unanswered.ts';
import { localGaps } from './detectors/local-gaps.ts';
import { missingData } from './detectors/missing-data.ts';
import { portExhaustion } from './detectors/port-exhaustion.ts';
import { serviceWithoutEndpoints } from './detectors/service-without-endpoints.ts';
import { synUnanswered } from './detectors/syn-unanswered.ts';
import { udpDeadBackend } from './detectors/udp-dead-backend.ts';
import { unparsedLines } from './detectors/unparsed-lines.ts';
import { type AdaptCommand, adaptNextStep } from './next-step.ts';
import { type Detect, type Problem, type ProblemDetector, toObservation } from './problem.ts';
import { withUnanswered } from './unanswered.ts';

/** Looks at one snapshot after another, and remembers between them what tells a fault from a moment's delay. */
export class ProblemMonitor {
  #looks: readonly Detect[] = [];
  #found = new WeakMap<Snapshot, readonly Problem[]>();
  #lastAt = Number.POSITIVE_INFINITY;
  readonly #adapt: AdaptCommand;

  /** `adapt`: makes commands of this program and of kubectl ones to paste here. */
  constructor(adapt: AdaptCommand = (command) => command) {
    this.#adapt = adapt;
  }

  /** What is wrong at the snapshot's time, worst first. The same snapshot always gets the same answer. */
  of(snapshot: Snapshot): readonly Problem[] {
    const updating = this.update(snapshot);
    for (;;) {
      const step = updating.next();
      if (step.done) return step.value;
    }
  }

  /** The same, a kind at a time, so that others have their turn in between. To be finished before the next is begun. */
  *update(snapshot: Snapshot): Generator<undefined, readonly Problem[]> {
    const known = this.#found.get(snapshot);
    if (known !== undefined) return known;
    // A recording was wound back: what was seen is yet to come.
    if (snapshot.at < this.#lastAt) {
      this.#looks = PROBLEM_DETECTORS.map((kind) => kind.create());
      this.#lastAt = Number.NEGATIVE_INFINITY;
    }
    this.#lastAt = snapshot.at;
    const moment = toObservation(withUnanswered(snapshot));
    const found: Problem[] = [];
    for (const look of this.#looks) {
      yield;
      const looked = look(moment);
      found.push(...('next' in looked ? yield* looked : looked));
    }
    const problems = found
      .map((problem) => ({ ...problem, nextStep: adaptNextStep(problem.nextStep, this.#adapt) }))
      .sort((a, b) => b.severity - a.severity || b.count - a.count);
    this.#found.set(snapshot, problems);
    return problems;
  }
}

/** All kinds of problems that are looked for. */
export const PROBLEM_DETECTORS: readonly ProblemDetector[] = [
  synUnanswered,
  dnsUnanswered,
  echoUnanswered,
  udpDeadBackend,
  serviceWithoutEndpoints,
  localGaps,
  conntrackFull,
  conntrackDrops,
  closeWait,
  portExhaustion,
  accountingOff,
  agentUnavailable,
  missingData,
  unparsedLines,
];
