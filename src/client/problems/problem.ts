import type { AgentState } from '../model/agent.ts';
import type { Connection } from '../model/connection.ts';
import type { Snapshot } from '../model/snapshot.ts';
import type { NextStep } from './next-step.ts';

/** 3: traffic fails now, 2: it will soon, 1: kflow sees less than it could. */
export type Severity = 1 | 2 | 3;

export const SEVERITY_NAMES = { 1: 'info', 2: 'warning', 3: 'critical' } as const satisfies Record<Severity, string>;

/** A problem that exists now. */
export interface Problem {
  /** Stable while it lasts: its kind and subject. */
  readonly key: string;
  readonly severity: Severity;
  /** A short title: "no answer to TCP SYN". */
  readonly title: string;
  /** The destination, workload or node with the problem. */
  readonly subject: string;
  /** Connections, or what else `counted` says. */
  readonly count: number;
  readonly unit: string;
  /** The explanation. */
  readonly explanation: string;
  /** The advice, with a command. */
  readonly nextStep: NextStep;
  /** Whether the connection is part of the problem. Absent: no connection is. */
  matches?(connection: Connection): boolean;
}

/** A snapshot, prepared for detectors. */
export interface Observation {
  readonly snapshot: Snapshot;
  /** Live agents. The others are a separate problem, and their data is old. */
  readonly live: readonly AgentState[];
  /**
   * When an agent last saw the connection, by that agent's clock: unix time in milliseconds. Times of one
   * agent may be compared, those of two may not, because clocks differ. Undefined: no live agent sees it now.
   */
  timeOf(connection: Connection): AgentTime | undefined;
}

export interface AgentTime {
  readonly agent: string;
  readonly at: number;
}

/**
 * Finds one kind of problem. It gets observations in the order of time and may keep state; its result depends
 * on nothing else. A long search may be done in steps.
 */
export type Detect = (moment: Observation) => readonly Problem[] | Generator<undefined, readonly Problem[]>;

/** A kind of problem. To add one, write an object of this type and list it in `problem-monitor.ts`. */
export interface ProblemDetector {
  readonly name: string;
  /** Starts without state. */
  create(): Detect;
}

/** Groups the items by their result of `of`, in their order. */
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

/** Matches the connections that this agent sees. */
export function isSeenBy({ key }: AgentState): (connection: Connection) => boolean {
  return ({ hops }) => hops.some(({ agent }) => agent === key);
}
