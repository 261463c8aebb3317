import { describeUnparsedTable } from '../../format/unparsed-lines.ts';
import type { Snapshot } from '../../model/snapshot.ts';
import { nextStep } from '../next-step.ts';
import { isSeenBy, type Problem, type ProblemDetector } from '../problem.ts';

/** Reasons for missing data that no other problem reports. */
export const missingData: ProblemDetector = {
  name: 'missing-data',
  create: () => (moment) => [
    ...discoveryProblems(moment.snapshot),
    ...moment.live
      .filter(({ flows }) => flows === 0)
      .flatMap((agent): Problem[] => {
        // Unparsed lines are a separate problem.
        if (describeUnparsedTable(agent) !== undefined) return [];
        return [
          {
            key: `nothing-tracked ${agent.key}`,
            severity: 1,
            title: 'no connections tracked',
            subject: agent.node,
            count: 0,
            unit: 'connections',
            explanation: 'the kernel tracks nothing here: it does so only where a firewall rule uses connection state',
            nextStep:
              agent.key === 'local'
                ? nextStep('the key T in the console turns tracking on, as root, while kflow runs')
                : nextStep('on that node, look at the firewall rules', ['sudo', 'nft', 'list', 'ruleset']),
            matches: isSeenBy(agent),
          },
        ];
      }),
    ...(moment.snapshot.missingNames ?? []).map(
      (reason): Problem => ({
        key: `missing-names ${reason}`,
        severity: 1,
        title: 'names are missing',
        subject: moment.snapshot.origin,
        count: moment.snapshot.connections.length,
        unit: 'connections that may show addresses',
        explanation: reason,
        nextStep: nextStep('list the missing permissions', ['kflow', 'doctor']),
      }),
    ),
  ],
};

function discoveryProblems({ discoveryError, agents, origin }: Snapshot): Problem[] {
  if (discoveryError !== undefined)
    return [
      {
        key: 'discovery',
        severity: 2,
        title: 'agents cannot be found',
        subject: origin,
        count: agents.length,
        unit: 'agents known from before',
        explanation: discoveryError,
        nextStep: nextStep('check the access to the cluster', ['kflow', 'doctor']),
      },
    ];
  if (agents.length > 0) return [];
  return [
    {
      key: 'no-agents',
      severity: 1,
      title: 'no agents',
      subject: origin,
      count: 0,
      unit: 'agents',
      explanation: 'no agent runs in this cluster, so nothing can be shown',
      nextStep: nextStep('put one on every node', ['kflow', 'install']),
    },
  ];
}
