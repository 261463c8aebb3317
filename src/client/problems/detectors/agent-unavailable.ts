import { isKubernetesName } from '../../format/shell-command.ts';
import type { AgentState } from '../../model/agent.ts';
import { type NextStep, nextStep } from '../next-step.ts';
import { isSeenBy, type Problem, type ProblemDetector } from '../problem.ts';

/** Agents that are lost, or whose polls fail or do not come. An agent that is connecting for the first time does not count. */
export const agentUnavailable: ProblemDetector = {
  name: 'agents-away',
  create: () => (moment) =>
    moment.snapshot.agents.flatMap((agent): Problem[] => {
      const { status, node, key } = agent;
      if (status.kind !== 'lost' && status.kind !== 'stale') return [];
      const isLost = status.kind === 'lost';
      return [
        {
          key: `agent ${key}`,
          severity: 2,
          title: isLost ? 'agent lost' : 'agent stale',
          subject: node,
          count: agent.flows ?? 0,
          unit: 'connections whose numbers are old',
          explanation: `${status.reason}: what this node sees is missing, what is shown of it is old`,
          nextStep: nextOf(agent, isLost),
          matches: isSeenBy(agent),
        },
      ];
    }),
};

function nextOf({ namespace, pod }: AgentState, isLost: boolean): NextStep {
  const isKnown = namespace !== undefined && pod !== undefined && isKubernetesName(namespace) && isKubernetesName(pod);
  if (isLost) {
    const advice = 'kflow reconnects automatically';
    return isKnown
      ? nextStep(`${advice}; look at its pod`, ['kubectl', '-n', namespace, 'describe', 'pod', pod])
      : nextStep(advice);
  }
  const advice = 'look at its log, which says why the table cannot be read';
  return nextStep(advice, isKnown ? ['kubectl', '-n', namespace, 'logs', '--tail=20', pod] : undefined);
}
