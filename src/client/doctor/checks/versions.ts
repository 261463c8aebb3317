import type { AgentState } from '../../model.ts';
import { type Check, ok, warning } from '../check.ts';
import { answering } from '../facts.ts';
import { installAgain } from '../install-again.ts';
import { namespaceOf, nodesOf } from '../on-node.ts';

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
      if (version !== facts.version) others.set(version, [...(others.get(version) ?? []), agent]);
    }
    if (others.size === 0) return [ok(`the agents are ${facts.version}, as ${facts.name} is`)];
    const namespace = namespaceOf(known);
    const next =
      namespace === undefined ? 'npx kflow-agent --version   # on that machine' : installAgain(facts, namespace);
    return [...others].map(([version, agents]) =>
      warning(`${version} on ${nodesOf(agents)}, but this is ${facts.name} ${facts.version}`, next),
    );
  },
};
