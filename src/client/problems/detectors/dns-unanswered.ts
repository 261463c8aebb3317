import { someOf } from '../../format/connection.ts';
import { isDnsQuery } from '../../model/connection.ts';
import { nextStep } from '../next-step.ts';
import type { ProblemKind } from '../problem.ts';
import { unansweredGroups } from '../unanswered-groups.ts';

/** DNS queries over UDP that get no answer, by name server. */
export const dnsUnanswered: ProblemKind = {
  name: 'dns-unanswered',
  begin: () => (moment) =>
    unansweredGroups(moment, isDnsQuery).map(({ target, connections, sources, backends }) => ({
      key: `dns-unanswered ${target}`,
      severity: 3,
      what: 'DNS unanswered',
      where: target,
      count: connections.size,
      counted: 'queries that wait',
      meaning: `queries of ${someOf(sources)} get no reply${
        backends.size === 0 ? '' : ` (behind it: ${someOf(backends)})`
      }: names resolve slowly or not at all`,
      next: nextStep('look whether the name server runs, and whether UDP port 53 is let through both ways'),
      matches: ({ id }) => connections.has(id),
    })),
};
