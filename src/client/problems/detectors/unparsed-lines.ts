import { describeUnparsedLines } from '../../format/unparsed-lines.ts';
import { nextStep } from '../next-step.ts';
import type { Problem, ProblemDetector } from '../problem.ts';

/** An agent that cannot parse lines of its table: their connections are not shown. */
export const unparsedLines: ProblemDetector = {
  name: 'unread-lines',
  create: () => (moment) =>
    moment.live.flatMap((agent): Problem[] => {
      const explanation = describeUnparsedLines(agent);
      if (explanation === undefined) return [];
      return [
        {
          key: `unread-lines ${agent.key}`,
          severity: 1,
          title: 'lines not understood',
          subject: agent.node,
          count: agent.poll?.unparsedLines ?? 0,
          unit: 'lines of the conntrack table',
          explanation,
          nextStep: nextStep('ask what to type', ['kflow', 'doctor']),
        },
      ];
    }),
};
