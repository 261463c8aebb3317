import type { AgentState } from '../../model/agent.ts';
import { type NextStep, nextStep } from '../next-step.ts';
import { type Problem, type ProblemKind, type Severity, seenBy } from '../problem.ts';

interface Counter {
  readonly name: string;
  readonly severity: Severity;
  readonly what: string;
  readonly counted: string;
  readonly meaning: string;
  readonly next: NextStep;
}

const COUNTERS: readonly Counter[] = [
  {
    name: 'drop',
    severity: 3,
    what: 'conntrack drops packets',
    counted: 'packets dropped',
    meaning: 'packets of new connections are dropped: the conntrack table is full, or memory ran out (drop)',
    next: nextStep('raise net.netfilter.nf_conntrack_max; see who has the most connections (view 3)'),
  },
  {
    name: 'insertFailed',
    severity: 3,
    what: 'conntrack insert fails',
    counted: 'packets dropped',
    meaning: 'first packets are dropped: their entry clashes with another, or finds no room (insert_failed)',
    next: nextStep('look for SNAT to few ports, and for DNS queries sent in pairs from one socket'),
  },
  {
    name: 'earlyDrop',
    severity: 2,
    what: 'conntrack evicts entries',
    counted: 'entries evicted',
    meaning: 'the conntrack table is full: connections are forgotten before their time to make room (early_drop)',
    next: nextStep('raise net.netfilter.nf_conntrack_max; see who has the most connections (view 3)'),
  },
];

/** The counters go up seldom, or in bursts: it is over when they have stood still for this long. */
const QUIET_MS = 15_000;

interface Rise {
  readonly by: number;
  readonly at: number;
}

/**
 * The kernel's counters of trouble with the table, going up. What they were when they were first seen is of the past. They
 * are of the kernel, not of the agent: one that is started anew goes on where it was.
 */
export const tableDrops: ProblemKind = {
  name: 'table-drops',
  begin() {
    const rises = new Map<string, Rise>();
    const before = new Map<string, AgentState['about']>();
    return ({ live, snapshot }) => {
      const problems: Problem[] = [];
      const keys = new Set(snapshot.agents.map(({ key }) => key));
      for (const key of before.keys()) if (!keys.has(key)) before.delete(key);
      for (const key of rises.keys()) if (!keys.has(key.slice(key.indexOf(' ') + 1))) rises.delete(key);
      for (const agent of live) {
        const known = before.get(agent.key);
        for (const counter of COUNTERS) {
          const key = `${counter.name} ${agent.key}`;
          const by = (agent.about?.counters?.[counter.name] ?? 0) - (known?.counters?.[counter.name] ?? Infinity);
          if (by > 0) rises.set(key, { by: (rises.get(key)?.by ?? 0) + by, at: snapshot.at });
          const rise = rises.get(key);
          if (rise === undefined) continue;
          if (snapshot.at - rise.at >= QUIET_MS) rises.delete(key);
          else problems.push(problemOf(counter, rise, agent));
        }
        if (agent.about !== undefined) before.set(agent.key, agent.about);
      }
      return problems;
    };
  },
};

function problemOf({ name, ...counter }: Counter, { by }: Rise, agent: AgentState): Problem {
  return { ...counter, key: `${name} ${agent.key}`, where: agent.node, count: by, matches: seenBy(agent) };
}
