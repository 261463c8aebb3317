import { formatSome } from '../../format/connection.ts';
import type { Connection } from '../../model/connection.ts';
import { nextStep } from '../next-step.ts';
import type { Problem, ProblemDetector } from '../problem.ts';

/** While a pod is replaced there may be no endpoint for a moment. */
const MIN_DURATION_MS = 1500;

/**
 * Services with internalTrafficPolicy: Local, on nodes with clients but without a ready pod of the Service.
 * The node drops these connections before the kernel creates an entry, so only the cluster's objects show the problem. The
 * tables only show whether there are clients.
 */
export const localGaps: ProblemDetector = {
  name: 'local-gaps',
  create() {
    let since = new Map<string, number>();
    return ({ snapshot }) => {
      const { at, connections, localGaps: gaps = [] } = snapshot;
      const found = gaps.flatMap(({ service, nodes }) => nodes.map((node) => ({ service, node })));
      since = new Map(found.map(({ service, node }) => [`${service} ${node}`, since.get(`${service} ${node}`) ?? at]));
      return gaps.flatMap(({ service, nodes: all }): Problem[] => {
        const nodes = new Set<string>(
          all.filter((node) => at - (since.get(`${service} ${node}`) ?? at) >= MIN_DURATION_MS),
        );
        if (nodes.size === 0) return [];
        const matches = (connection: Connection) =>
          hasRequests(connection, service) && nodes.has(clientNode(connection));
        const matcher = connections.filter(matches);
        const isFailing = matcher.some(({ replied, service: led }) => !replied && led === undefined);
        return [
          {
            key: `local-gap ${service}`,
            severity: isFailing ? 3 : matcher.length > 0 ? 2 : 1,
            title: 'service has no local endpoint',
            subject: service,
            count: nodes.size,
            unit: 'nodes',
            explanation: `its internalTrafficPolicy is Local, and it has no ready pods on ${formatSome(nodes)}: its clients there get no reply`,
            nextStep: nextStep(
              'run a pod of it on each node that has clients (DaemonSet), or set internalTrafficPolicy: Cluster',
            ),
            ...(matcher.length > 0 ? { matches } : {}),
          },
        ];
      });
    };
  },
};

function hasRequests({ service: led, destination }: Connection, service: string): boolean {
  if (led !== undefined) return `${led.namespace}/${led.name}` === service;
  return destination.kind === 'service' && `${destination.namespace}/${destination.name}` === service;
}

function clientNode({ source }: Connection): string {
  return (source.kind === 'node' ? source.name : source.node) ?? '';
}
