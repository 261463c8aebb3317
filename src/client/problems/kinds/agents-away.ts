import type { Problem, ProblemKind } from '../problem.ts';
import { seenBy } from '../seen-by.ts';

/** Agents that are lost, or whose polls fail or do not come. One that is still being reached for the first time is neither. */
export const agentsAway: ProblemKind = {
  name: 'agents-away',
  begin: () => (moment) =>
    moment.snapshot.agents.flatMap((agent): Problem[] => {
      const { status, node, key } = agent;
      if (status.kind !== 'lost' && status.kind !== 'stale') return [];
      const isLost = status.kind === 'lost';
      return [
        {
          key: `agent ${key}`,
          severity: 2,
          what: isLost ? 'agent lost' : 'agent stale',
          where: node,
          count: agent.flows ?? 0,
          counted: 'connections whose numbers are old',
          meaning: `${status.reason}: what this node sees is missing, what is shown of it is old`,
          next: isLost
            ? `kflow reconnects automatically${agent.pod === undefined ? '' : '; check the pod: kubectl describe, kubectl logs'}`
            : 'look at its log: it says why the table cannot be read',
          matches: seenBy(agent),
        },
      ];
    }),
};
