import type { AgentPoll, AgentState } from '../../model/agent.ts';
import { ALL_MODES, type Check, ok, warning } from '../check.ts';
import { asRoot, locally, type NextCommands, onLocalMachine, validateNext } from '../commands.ts';
import { type Facts, reachableAgents } from '../facts.ts';

/** Above this share of time the agent's own limit (KFLOW_MAX_DUTY) makes polls less frequent. */
const HIGH_COST_RATIO = 0.08;
/** With a shorter interval, polls are expensive only if the machine is busy with something else. */
const LONG_INTERVAL_SECONDS = 0.5;

export const pollCost: Check = {
  id: 'poll-cost',
  help: 'how long polls take, and whether that makes them rare',
  modes: ALL_MODES,
  find(facts) {
    const polls = reachableAgents(facts).flatMap((agent) =>
      agent.poll === undefined ? [] : [{ agent, poll: agent.poll }],
    );
    const [costliest] = polls.toSorted((a, b) => b.poll.durationSeconds - a.poll.durationSeconds);
    if (costliest === undefined) return [];
    const costly = polls.filter(
      ({ poll: { durationSeconds, intervalSeconds = Number.POSITIVE_INFINITY } }) =>
        durationSeconds / intervalSeconds >= HIGH_COST_RATIO && durationSeconds >= LONG_INTERVAL_SECONDS,
    );
    if (costly.length === 0) return [ok(`${cost(costliest.poll)} at most (${costliest.agent.node})`)];
    return costly.map(({ agent, poll }) =>
      warning(`${agent.node}: ${cost(poll)}, for ${poll.entries} connections`, suggestDuty(facts, agent)),
    );
  },
};

/** "12 ms every 1 s" */
function cost({ durationSeconds, intervalSeconds }: AgentPoll): string {
  const took = durationSeconds < 1 ? `${Math.ceil(durationSeconds * 1000)} ms` : `${durationSeconds.toFixed(1)} s`;
  return intervalSeconds === undefined ? took : `${took} every ${Number(intervalSeconds.toPrecision(3))} s`;
}

/** A larger limit keeps the polls frequent. */
function suggestDuty(facts: Facts, { namespace, node }: AgentState): NextCommands | undefined {
  const share = 'KFLOW_MAX_DUTY=0.3';
  if (facts.mode === 'local') return locally(asRoot(facts, ['env', share, ...facts.self, '--local']));
  if (facts.mode === 'endpoints') return onLocalMachine([node], ['sudo', 'env', share, 'kflow-agent']);
  const daemonSet = facts.cluster?.installs?.[namespace ?? '']?.daemonSet;
  return validateNext([namespace, daemonSet], {
    commands: [['kubectl', 'set', 'env', '-n', namespace ?? '', `daemonset/${daemonSet}`, share]],
    needs: [
      { verb: 'patch', resource: 'daemonsets', group: 'apps', ...(namespace === undefined ? {} : { namespace }) },
    ],
  });
}
