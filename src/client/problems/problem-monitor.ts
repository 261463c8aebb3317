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
import { withUnanswered } from './unanswered-rule.ts';

/** Checks one snapshot after another. Its state distinguishes a fault from a short delay. */
export class ProblemMonitor {
  #detectors: readonly Detect[] = [];
  #found = new WeakMap<Snapshot, readonly Problem[]>();
  #lastAt = Number.POSITIVE_INFINITY;
  readonly #adapt: AdaptCommand;

  /** `adapt`: adapts commands of this program and of kubectl for the user's shell. */
  constructor(adapt: AdaptCommand = (command) => command) {
    this.#adapt = adapt;
  }

  /** The problems at the snapshot's time, worst first. The same snapshot always gives the same result. */
  of(snapshot: Snapshot): readonly Problem[] {
    const updating = this.update(snapshot);
    for (;;) {
      const step = updating.next();
      if (step.done) return step.value;
    }
  }

  /** The same in steps of one detector, so that other work can run in between. Finish it before the next one starts. */
  *update(snapshot: Snapshot): Generator<undefined, readonly Problem[]> {
    const known = this.#found.get(snapshot);
    if (known !== undefined) return known;
    // A recording was rewound: the state is from the future.
    if (snapshot.at < this.#lastAt) {
      this.#detectors = PROBLEM_DETECTORS.map((detector) => detector.create());
      this.#lastAt = Number.NEGATIVE_INFINITY;
    }
    this.#lastAt = snapshot.at;
    const observation = toObservation(withUnanswered(snapshot));
    const found: Problem[] = [];
    for (const detect of this.#detectors) {
      yield;
      const result = detect(observation);
      found.push(...('next' in result ? yield* result : result));
    }
    const problems = found
      .map((problem) => ({ ...problem, nextStep: adaptNextStep(problem.nextStep, this.#adapt) }))
      .sort((a, b) => b.severity - a.severity || b.count - a.count);
    this.#found.set(snapshot, problems);
    return problems;
  }
}

/** All detectors. */
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
