import type { AgentState } from '../../model/agent.ts';
import { type Check, ok, warning } from '../check.ts';
import { listed, onLocalMachine } from '../commands.ts';
import { reachableAgents } from '../facts.ts';
import { reinstallCommand } from '../reinstall-command.ts';

export const versions: Check = {
  id: 'versions',
  help: 'the agents are of the version of this program',
  modes: ['cluster', 'endpoints'],
  find(facts) {
    const known = reachableAgents(facts);
    if (known.length === 0) return [];
    const others = new Map<string, AgentState[]>();
    for (const agent of known) {
      const version = agent.info?.version || 'unknown';
      // One command updates one namespace.
      const key = `${version} ${agent.namespace ?? ''}`;
      if (version !== facts.version) others.set(key, [...(others.get(key) ?? []), agent]);
    }
    if (others.size === 0) return [ok(`the agents are ${facts.version}, as ${facts.name} is`)];
    return [...others.values()].map((agents) => {
      const version = agents[0]?.info?.version || 'unknown';
      const nodes = listed(agents.map(({ node }) => node));
      const next =
        facts.mode === 'cluster'
          ? reinstallCommand(facts, agents.find(({ namespace }) => namespace !== undefined)?.namespace)
          : onLocalMachine(
              agents.map(({ node }) => node),
              ['kflow-agent', '--version'],
            );
      return warning(`${version} on ${nodes}, but this is ${facts.name} ${facts.version}`, next);
    });
  },
};
