import { formatCount, formatPercent } from '../../format/numbers.ts';
import { entriesOf, fillOf } from '../../model/agent.ts';
import { nextStep } from '../next-step.ts';
import { type Problem, type ProblemKind, seenBy } from '../problem.ts';

const SOON = 0.8;
const NOW = 0.95;
/** A table that is at the limit does not come and go. */
const MENDED = 0.77;

/** A conntrack table that is nearly full: at its maximum the kernel drops the packets of new connections. */
export const tableFilling: ProblemKind = {
  name: 'table-filling',
  begin() {
    let filling = new Set<string>();
    return ({ live }) => {
      const problems: Problem[] = [];
      for (const agent of live) {
        const fill = fillOf(agent);
        if (fill === undefined || fill < (filling.has(agent.key) ? MENDED : SOON)) continue;
        problems.push({
          key: `table-filling ${agent.key}`,
          severity: fill >= NOW ? 3 : 2,
          what: fill >= NOW ? 'conntrack table full' : 'conntrack table fills',
          where: agent.node,
          count: entriesOf(agent) ?? 0,
          counted: 'entries',
          meaning: `${formatPercent(fill)} of ${formatCount(agent.about?.maxEntries)}: when it is full, the packets of new connections are dropped`,
          next: nextStep('see who has the most (view 3); raise net.netfilter.nf_conntrack_max'),
          matches: seenBy(agent),
        });
      }
      filling = new Set(problems.map(({ key }) => key.slice('table-filling '.length)));
      return problems;
    };
  },
};
