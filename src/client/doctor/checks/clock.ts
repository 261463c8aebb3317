import type { AgentState } from '../../model/agent.ts';
import { type Check, failure, ok, warning } from '../check.ts';
import { commandOnNodes } from '../commands.ts';

/** Added to the time between two polls: for the poll itself and the network. */
const TOLERANCE_MS = 2_000;
const LARGE_SKEW_MS = 60_000;

/** Compares the agents' clocks with this machine's: ages and times depend on them. */
export const clock: Check = {
  id: 'clock',
  help: 'the agents’ clocks agree with this machine’s',
  modes: ['cluster', 'endpoints'],
  find(facts) {
    const reported = facts.agents.flatMap((agent) => {
      const skew = agent.status.kind === 'live' ? clockSkew(agent) : undefined;
      return skew === undefined ? [] : [{ agent, skew }];
    });
    const wrong = reported.filter(({ skew }) => skew !== 0);
    if (reported.length > 0 && wrong.length === 0) return [ok('the agents’ clocks agree with this machine’s')];
    return wrong.map(({ agent, skew }) => {
      const seconds = Math.round(Math.abs(skew) / 1000);
      const message = `${agent.node}: its clock is ${seconds} s ${skew > 0 ? 'ahead of' : 'behind'} this machine’s: ages are wrong`;
      const there = commandOnNodes(facts, [agent], ['date', '-u'], 'busybox');
      const next =
        there?.where === undefined && there ? { ...there, commands: [['date', '-u'], ...there.commands] } : there;
      return (Math.abs(skew) >= LARGE_SKEW_MS ? failure : warning)(message, next);
    });
  },
};

/** How many milliseconds the agent's clock is ahead (negative: behind); 0: within the tolerance. */
export function clockSkew({ poll, lastSeenAt }: AgentState): number | undefined {
  if (poll === undefined || lastSeenAt === undefined) return undefined;
  const ahead = poll.observedAt - lastSeenAt;
  if (ahead > TOLERANCE_MS) return ahead;
  if (poll.intervalSeconds === undefined) return undefined;
  const late = (poll.intervalSeconds + poll.durationSeconds) * 1000 + TOLERANCE_MS;
  return ahead < -late ? ahead : 0;
}
