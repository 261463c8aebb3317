import type { AgentPoll, AgentState } from '../../model/agent.ts';
import { type Check, EVERYWHERE, ok, warning } from '../check.ts';
import { asRoot, here, type Next, nextOf, onMachine } from '../commands.ts';
import { answering, type Facts } from '../facts.ts';

/** Polls that take this share of the time are, by the agent's own cap, made less often (KFLOW_MAX_DUTY). */
const DEAR = 0.08;
/** Shorter ones are dear only where the machine is busy with something else. */
const LONG_SECONDS = 0.5;

export const pollCost: Check = {
  id: 'poll-cost',
  help: 'how long polls take, and whether that makes them rare',
  places: EVERYWHERE,
  find(facts) {
    const polls = answering(facts).flatMap((agent) => (agent.poll === undefined ? [] : [{ agent, poll: agent.poll }]));
    const [dearest] = polls.toSorted((a, b) => b.poll.durationSeconds - a.poll.durationSeconds);
    if (dearest === undefined) return [];
    const dear = polls.filter(
      ({ poll: { durationSeconds, intervalSeconds = Number.POSITIVE_INFINITY } }) =>
        durationSeconds / intervalSeconds >= DEAR && durationSeconds >= LONG_SECONDS,
    );
    if (dear.length === 0) return [ok(`${cost(dearest.poll)} at most (${dearest.agent.node})`)];
    return dear.map(({ agent, poll }) =>
      warning(`${agent.node}: ${cost(poll)}, for ${poll.entries} connections`, allowMore(facts, agent)),
    );
  },
};

/** "12 ms every 1 s" */
function cost({ durationSeconds, intervalSeconds }: AgentPoll): string {
  const took = durationSeconds < 1 ? `${Math.ceil(durationSeconds * 1000)} ms` : `${durationSeconds.toFixed(1)} s`;
  return intervalSeconds === undefined ? took : `${took} every ${Number(intervalSeconds.toPrecision(3))} s`;
}

/** A larger share keeps the polls frequent. */
function allowMore(facts: Facts, { namespace, node }: AgentState): Next | undefined {
  const share = 'KFLOW_MAX_DUTY=0.3';
  if (facts.place === 'local') return here(asRoot(facts, ['env', share, ...facts.self, '--local']));
  if (facts.place === 'endpoints') return onMachine([node], ['sudo', 'env', share, 'kflow-agent']);
  const daemonSet = facts.cluster?.installs?.[namespace ?? '']?.daemonSet;
  return nextOf([namespace, daemonSet], {
    commands: [['kubectl', 'set', 'env', '-n', namespace ?? '', `daemonset/${daemonSet}`, share]],
    needs: [
      { verb: 'patch', resource: 'daemonsets', group: 'apps', ...(namespace === undefined ? {} : { namespace }) },
    ],
  });
}
