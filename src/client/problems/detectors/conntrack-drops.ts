import type { AgentState } from '../../model/agent.ts';
import { type NextStep, nextStep } from '../next-step.ts';
import { isSeenBy, type Problem, type ProblemDetector, type Severity } from '../problem.ts';

interface Counter {
  readonly name: string;
  readonly severity: Severity;
  readonly title: string;
  readonly unit: string;
  readonly explanation: string;
  readonly nextStep: NextStep;
}

const COUNTERS: readonly Counter[] = [
  {
    name: 'drop',
    severity: 3,
    title: 'conntrack drops packets',
    unit: 'packets dropped',
    explanation: 'packets of new connections are dropped: the conntrack table is full, or memory ran out (drop)',
    nextStep: nextStep('raise net.netfilter.nf_conntrack_max; see who has the most connections (view 3)'),
  },
  {
    name: 'insertFailed',
    severity: 3,
    title: 'conntrack insert fails',
    unit: 'packets dropped',
    explanation: 'first packets are dropped: their entry clashes with another, or finds no room (insert_failed)',
    nextStep: nextStep('look for SNAT to few ports, and for DNS queries sent in pairs from one socket'),
  },
  {
    name: 'earlyDrop',
    severity: 2,
    title: 'conntrack evicts entries early',
    unit: 'entries evicted',
    explanation: 'the conntrack table is full: connections are forgotten before their time to make room (early_drop)',
    nextStep: nextStep('raise net.netfilter.nf_conntrack_max; see who has the most connections (view 3)'),
  },
];

/** The counters increase rarely or in bursts: the problem is over when they have not changed for this time. */
const QUIET_MS = 15_000;

interface Rise {
  readonly by: number;
  readonly at: number;
}

/**
 * The kernel's error counters of the table increase. Their first values are from the past. They
 * belong to the kernel, so a restarted agent reports the same counters.
 */
export const conntrackDrops: ProblemDetector = {
  name: 'table-drops',
  create() {
    const rises = new Map<string, Rise>();
    const before = new Map<string, AgentState['info']>();
    return ({ live, snapshot }) => {
      const problems: Problem[] = [];
      const keys = new Set(snapshot.agents.map(({ key }) => key));
      for (const key of before.keys()) if (!keys.has(key)) before.delete(key);
      for (const key of rises.keys()) if (!keys.has(key.slice(key.indexOf(' ') + 1))) rises.delete(key);
      for (const agent of live) {
        const known = before.get(agent.key);
        for (const counter of COUNTERS) {
          const key = `${counter.name} ${agent.key}`;
          const by = (agent.info?.counters?.[counter.name] ?? 0) - (known?.counters?.[counter.name] ?? Infinity);
          if (by > 0) rises.set(key, { by: (rises.get(key)?.by ?? 0) + by, at: snapshot.at });
          const rise = rises.get(key);
          if (rise === undefined) continue;
          if (snapshot.at - rise.at >= QUIET_MS) rises.delete(key);
          else problems.push(problemOf(counter, rise, agent));
        }
        if (agent.info !== undefined) before.set(agent.key, agent.info);
      }
      return problems;
    };
  },
};

function problemOf({ name, ...counter }: Counter, { by }: Rise, agent: AgentState): Problem {
  return { ...counter, key: `${name} ${agent.key}`, subject: agent.node, count: by, matches: isSeenBy(agent) };
}
