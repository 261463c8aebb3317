import type { AgentState } from '../../model/agent.ts';
import { type Check, ok, warning } from '../check.ts';
import { listed, onMachine } from '../commands.ts';
import { answering } from '../facts.ts';
import { installAgain } from '../reinstall-command.ts';

export const versions: Check = {
  id: 'versions',
  help: 'the agents are of the version of this program',
  places: ['cluster', 'endpoints'],
  find(facts) {
    const known = answering(facts);
    if (known.length === 0) return [];
    const others = new Map<string, AgentState[]>();
    for (const agent of known) {
      const version = agent.about?.version || 'unknown';
      // One command mends one namespace.
      const key = `${version} ${agent.namespace ?? ''}`;
      if (version !== facts.version) others.set(key, [...(others.get(key) ?? []), agent]);
    }
    if (others.size === 0) return [ok(`the agents are ${facts.version}, as ${facts.name} is`)];
    return [...others.values()].map((agents) => {
      const version = agents[0]?.about?.version || 'unknown';
      const nodes = listed(agents.map(({ node }) => node));
      const next =
        facts.place === 'cluster'
          ? installAgain(facts, agents.find(({ namespace }) => namespace !== undefined)?.namespace)
          : onMachine(
              agents.map(({ node }) => node),
              ['kflow-agent', '--version'],
            );
      return warning(`${version} on ${nodes}, but this is ${facts.name} ${facts.version}`, next);
    });
  },
};
