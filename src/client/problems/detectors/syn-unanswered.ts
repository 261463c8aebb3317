import { formatSome } from '../../format/connection.ts';
import { isKubernetesName } from '../../format/shell-command.ts';
import { type Connection, isSynOnly } from '../../model/connection.ts';
import { getEndpoints, nextStep } from '../next-step.ts';

import type { ProblemDetector } from '../problem.ts';
import { unansweredGroups } from '../unanswered-groups.ts';

/** TCP connections without any reply, by destination. A refused one (RST) leaves no entry and does not count. */
export const synUnanswered: ProblemDetector = {
  name: 'syn-unanswered',
  create: () => (moment) =>
    unansweredGroups(moment, isSynOnly).map(({ target, connections, sources, backends, example }) => {
      const isService = example.destination.kind === 'service';
      const behind = backends.size === 0 ? '' : ` (behind it: ${formatSome(backends)})`;
      return {
        key: `syn-unanswered ${target}`,
        severity: 3,
        title: 'TCP SYN unanswered',
        subject: target,
        count: connections.size,
        unit: 'connections that wait',
        explanation: isService
          ? `connections from ${formatSome(sources)} to this Service reach no backend: it may have no ready endpoints`
          : `${formatSome(sources)} receives no reply${behind} (no SYN-ACK, no RST): packets are dropped on the path, or the host is down`,
        nextStep: isService
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
