import { formatCount, formatPercent } from '../../format/numbers.ts';
import { entryCount, tableUsage } from '../../model/agent.ts';
import { type NextStep, nextStep } from '../next-step.ts';
import { isSeenBy, type Problem, type ProblemDetector } from '../problem.ts';

const WARNING_RATIO = 0.8;
const CRITICAL_RATIO = 0.95;
/** Hysteresis, so that a table near the limit does not flicker. */
const RECOVERED_RATIO = 0.77;

/** Twice as many. */
function raiseMaximum(maxEntries: number | undefined): NextStep {
  const text = 'see who has the most (view 3), or raise the maximum on that node';
  if (maxEntries === undefined) return nextStep(text);
  return nextStep(text, ['sudo', 'sysctl', '-w', `net.netfilter.nf_conntrack_max=${maxEntries * 2}`]);
}

/** A conntrack table that is nearly full: at its maximum the kernel drops the packets of new connections. */
export const conntrackFull: ProblemDetector = {
  name: 'table-filling',
  create() {
    let filling = new Set<string>();
    return ({ live }) => {
      const problems: Problem[] = [];
      for (const agent of live) {
        const fill = tableUsage(agent);
        if (fill === undefined || fill < (filling.has(agent.key) ? RECOVERED_RATIO : WARNING_RATIO)) continue;
        problems.push({
          key: `table-filling ${agent.key}`,
          severity: fill >= CRITICAL_RATIO ? 3 : 2,
          title: fill >= CRITICAL_RATIO ? 'conntrack table full' : 'conntrack table nearly full',
          subject: agent.node,
          count: entryCount(agent) ?? 0,
          unit: 'entries',
          explanation: `${formatPercent(fill)} of ${formatCount(agent.info?.maxEntries)}: when it is full, the packets of new connections are dropped`,
          nextStep: raiseMaximum(agent.info?.maxEntries),
          matches: isSeenBy(agent),
        });
      }
      filling = new Set(problems.map(({ key }) => key.slice('table-filling '.length)));
      return problems;
    };
  },
};
