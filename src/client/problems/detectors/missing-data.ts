import { nothingUnderstood } from '../../format/unparsed-lines.ts';
import type { Snapshot } from '../../model/snapshot.ts';
import { nextStep } from '../next-step.ts';
import { type Problem, type ProblemKind, seenBy } from '../problem.ts';

/** Why there is less to see than there could be, where no other problem says it. */
export const missingData: ProblemKind = {
  name: 'missing-data',
  begin: () => (moment) => [
    ...discoveryProblems(moment.snapshot),
    ...moment.live
      .filter(({ flows }) => flows === 0)
      .flatMap((agent): Problem[] => {
        // Lines that are not understood are a problem of their own.
        if (nothingUnderstood(agent) !== undefined) return [];
        return [
          {
            key: `nothing-tracked ${agent.key}`,
            severity: 1,
            what: 'no connections tracked',
            where: agent.node,
            count: 0,
            counted: 'connections',
            meaning: 'the kernel tracks nothing here: it does so only where a firewall rule uses connection state',
            next:
              agent.key === 'local'
                ? nextStep('the key T in the console turns tracking on, as root, while kflow runs')
                : nextStep('look at the firewall rules on the node', ['nft', 'list', 'ruleset']),
            matches: seenBy(agent),
          },
        ];
      }),
    ...(moment.snapshot.missingNames ?? []).map(
      (reason): Problem => ({
        key: `missing-names ${reason}`,
        severity: 1,
        what: 'names are missing',
        where: moment.snapshot.origin,
        count: moment.snapshot.connections.length,
        counted: 'connections that may show addresses',
        meaning: reason,
        next: nextStep('list the missing permissions', ['kflow', 'doctor']),
      }),
    ),
  ],
};

function discoveryProblems({ problem, agents, origin }: Snapshot): Problem[] {
  if (problem !== undefined)
    return [
      {
        key: 'discovery',
        severity: 2,
        what: 'agents cannot be found',
        where: origin,
        count: agents.length,
        counted: 'agents known from before',
        meaning: problem,
        next: nextStep('check the access to the cluster', ['kflow', 'doctor']),
      },
    ];
  if (agents.length > 0) return [];
  return [
    {
      key: 'no-agents',
      severity: 1,
      what: 'no agents',
      where: origin,
      count: 0,
      counted: 'agents',
      meaning: 'no agent runs in this cluster, so nothing can be shown',
      next: nextStep('put one on every node', ['kflow', 'install']),
    },
  ];
}
