import { isDnsQuery } from '../asking.ts';
import { someOf } from '../ends.ts';
import type { ProblemKind } from '../problem.ts';
import { Silences } from '../silences.ts';

/** DNS queries over UDP that get no answer, by name server. */
export const dnsUnanswered: ProblemKind = {
  name: 'dns-unanswered',
  begin() {
    const silences = new Silences({
      isAsking: isDnsQuery,
      isAnswered: (connection) => connection.replied && isDnsQuery(connection),
      // Resolvers ask again after 5 s; after two rounds they give up.
      patienceMs: 12_000,
      keptMs: 30_000,
    });
    return (moment) =>
      silences.find(moment).map(({ target, connections, sources, backends }) => ({
        key: `dns-unanswered ${target}`,
        severity: 3,
        what: 'DNS unanswered',
        where: target,
        count: connections.size,
        counted: 'queries that wait',
        meaning: `queries of ${someOf(sources)} get no reply${
          backends.size === 0 ? '' : ` (behind it: ${someOf(backends)})`
        }: names resolve slowly or not at all`,
        next: 'look whether the name server runs, and whether UDP port 53 is let through both ways',
        matches: ({ id }) => connections.has(id),
      }));
  },
};
