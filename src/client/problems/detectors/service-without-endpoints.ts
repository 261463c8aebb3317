import { isKubernetesName } from '../../format/shell-command.ts';
import { getEndpoints, nextStep } from '../next-step.ts';

import type { Problem, ProblemDetector } from '../problem.ts';

/** While a pod is replaced there may be no endpoint for a moment. */
const MIN_DURATION_MS = 1500;

/**
 * Services without endpoints. The client's own node refuses the connection before the kernel creates
 * an entry, so only the cluster's objects show the problem.
 */
export const serviceWithoutEndpoints: ProblemDetector = {
  name: 'idle-services',
  create() {
    let since = new Map<string, number>();
    return ({ snapshot }) => {
      const { at, connections, servicesWithoutEndpoints: idle = [] } = snapshot;
      since = new Map(idle.map((service) => [service, since.get(service) ?? at]));
      return [...since].flatMap(([service, began]): Problem[] => {
        if (at - began < MIN_DURATION_MS) return [];
        const matches: Problem['matches'] = (connection) => {
          const { service: asked, destination } = connection;
          if (asked !== undefined) return `${asked.namespace}/${asked.name}` === service;
          return destination.kind === 'service' && `${destination.namespace}/${destination.name}` === service;
        };
        const names = service.split('/');
        // Names in a recording are not checked yet.
        const [namespace = '', name = ''] = names;
        const list = names.every(isKubernetesName) ? getEndpoints(namespace, name) : undefined;
        return [
          {
            key: `idle-service ${service}`,
            severity: 2,
            title: 'service has no endpoints',
            subject: service,
            count: connections.filter(matches).length,
            unit: 'connections from before',
            explanation: 'no ready pods: connections to this Service are refused or time out',
            nextStep: nextStep('look whether its pods are ready, and whether its selector fits them', list),
            matches,
          },
        ];
      });
    };
  },
};
