import { someOf } from '../../format/connection.ts';
import { isKubernetesName } from '../../format/shell-command.ts';
import { type Connection, isBareSyn } from '../../model/connection.ts';
import { getEndpoints, nextStep } from '../next-step.ts';

import type { ProblemKind } from '../problem.ts';
import { unansweredGroups } from '../unanswered-groups.ts';

/** TCP connections that get no answer at all, by destination. One that is refused (RST) leaves no entry, and is none. */
export const synUnanswered: ProblemKind = {
  name: 'syn-unanswered',
  begin: () => (moment) =>
    unansweredGroups(moment, isBareSyn).map(({ target, connections, sources, backends, example }) => {
      const isService = example.destination.kind === 'service';
      const behind = backends.size === 0 ? '' : ` (behind it: ${someOf(backends)})`;
      return {
        key: `syn-unanswered ${target}`,
        severity: 3,
        what: 'TCP SYN unanswered',
        where: target,
        count: connections.size,
        counted: 'connections that wait',
        meaning: isService
          ? `${someOf(sources)} asks a service that hands it to no backend: it may have no endpoints`
          : `${someOf(sources)} gets nothing back${behind}, not even a refusal: dropped on the way, or the host is down`,
        next: isService
          ? nextStep('look at the service’s endpoints', endpointsOf(example))
          : nextStep('look at network policies and firewalls on the way, and at the destination’s node'),
        matches: ({ id }) => connections.has(id),
      };
    }),
};

function endpointsOf({ destination: { namespace, name } }: Connection): string[] | undefined {
  if (namespace === undefined || name === undefined) return undefined;
  return isKubernetesName(namespace) && isKubernetesName(name) ? getEndpoints(namespace, name) : undefined;
}
