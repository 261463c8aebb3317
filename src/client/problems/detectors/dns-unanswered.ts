import { formatSome } from '../../format/connection.ts';
import { isDnsQuery } from '../../model/connection.ts';
import { nextStep } from '../next-step.ts';
import type { ProblemDetector } from '../problem.ts';
import { unansweredGroups } from '../unanswered-groups.ts';

/** DNS queries over UDP that get no answer, by name server. */
export const dnsUnanswered: ProblemDetector = {
  name: 'dns-unanswered',
  create: () => (moment) =>
    unansweredGroups(moment, isDnsQuery).map(({ target, connections, sources, backends }) => ({
      key: `dns-unanswered ${target}`,
      severity: 3,
      title: 'DNS unanswered',
      subject: target,
      count: connections.size,
      unit: 'queries that wait',
      explanation: `queries of ${formatSome(sources)} get no reply${
        backends.size === 0 ? '' : ` (behind it: ${formatSome(backends)})`
      }: names resolve slowly or not at all`,
      nextStep: nextStep('look whether the name server runs, and whether UDP port 53 is allowed in both directions'),
      matches: ({ id }) => connections.has(id),
    })),
};
