import { notUnderstood } from '../../format/unparsed-lines.ts';
import { nextStep } from '../next-step.ts';
import type { Problem, ProblemKind } from '../problem.ts';

/** An agent that does not understand its table, or lines of it: their connections are nowhere. */
export const unreadLines: ProblemKind = {
  name: 'unread-lines',
  begin: () => (moment) =>
    moment.live.flatMap((agent): Problem[] => {
      const meaning = notUnderstood(agent);
      if (meaning === undefined) return [];
      return [
        {
          key: `unread-lines ${agent.key}`,
          severity: 1,
          what: 'lines not understood',
          where: agent.node,
          count: agent.poll?.unparsedLines ?? 0,
          counted: 'lines of the conntrack table',
          meaning,
          next: nextStep('ask what to type', ['kflow', 'doctor']),
        },
      ];
    }),
};
