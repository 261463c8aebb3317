import type { AgentState } from '../model/agent.ts';
import type { Connection } from '../model/connection.ts';
import type { Snapshot } from '../model/snapshot.ts';
import type { NextStep } from './next-step.ts';

/** 3: traffic fails now, 2: it will soon, 1: kflow sees less than it could. */
export type Severity = 1 | 2 | 3;

export const SEVERITY_NAMES = { 1: 'info', 2: 'warning', 3: 'critical' } as const satisfies Record<Severity, string>;

/** Something that is wrong now. */
export interface Problem {
  /** Stable while it lasts: what is wrong, and where. */
  readonly key: string;
  readonly severity: Severity;
  /** What is wrong, in a few words: "no answer to TCP SYN". */
  readonly title: string;
  /** The destination, workload or node that it is about. */
  readonly subject: string;
  /** Connections, or what else `counted` says. */
  readonly count: number;
  readonly unit: string;
  /** What it means. */
  readonly explanation: string;
  /** What to look at next, or to type. */
  readonly nextStep: NextStep;
  /** Whether the connection is one of those behind it. Absent: there are none. */
  matches?(connection: Connection): boolean;
}

/** What is known at one moment. */
export interface Observation {
  readonly snapshot: Snapshot;
  /** Those whose tables are up to date; the others are a problem of their own, and what they reported is old. */
  readonly live: readonly AgentState[];
  /**
   * When the connection was last looked at, by the clock of the agent that did: unix time in milliseconds. Times of one
   * agent may be compared, those of two may not: clocks differ. Undefined: no agent that is live sees it now.
   */
  timeOf(connection: Connection): AgentTime | undefined;
}

export interface AgentTime {
  readonly agent: string;
  readonly at: number;
}

/**
 * Finds one kind of problem. Looks at moments in the order of time, and may remember what it saw; what it finds depends
 * on nothing else. One that has much to look at may do so in steps, between which others have their turn.
 */
export type Detect = (moment: Observation) => readonly Problem[] | Generator<undefined, readonly Problem[]>;

/** A kind of problem. To add one is to write one of these, and to name it in `problem-monitor.ts`. */
export interface ProblemDetector {
  readonly name: string;
  /** Begins to look, remembering nothing. */
  create(): Detect;
}

/** The items by what `of` gives for each, in the order in which they came. */
export function groupBy<Item>(items: readonly Item[], of: (item: Item) => string): Map<string, Item[]> {
  const groups = new Map<string, Item[]>();
  for (const item of items) {
    const key = of(item);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [item]);
    else group.push(item);
  }
  return groups;
}

export function toObservation(snapshot: Snapshot): Observation {
  const live = snapshot.agents.filter(({ status }) => status.kind === 'live');
  const clocks = new Map(
    live.map(({ key, poll }): [string, AgentTime] => [key, { agent: key, at: poll?.observedAt ?? snapshot.at }]),
  );
  return {
    snapshot,
    live,
    timeOf({ stale, hops }) {
      if (stale) return undefined;
      for (const hop of hops) {
        const clock = clocks.get(hop.agent);
        if (clock !== undefined) return clock;
      }
      return undefined;
    },
  };
}

/** A test for the connections that this agent sees. */
export function isSeenBy({ key }: AgentState): (connection: Connection) => boolean {
  return ({ hops }) => hops.some(({ agent }) => agent === key);
}
