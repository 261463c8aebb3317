import type { AgentState } from '../model.ts';
import type { Facts } from './facts.ts';

const SHOWN = 3;

/** "node1, node2 and 5 more" */
export function nodesOf(agents: readonly Pick<AgentState, 'node'>[]): string {
  return listed(agents.map(({ node }) => node));
}

export function listed(names: readonly string[]): string {
  const sorted = inOrder(names);
  const more = sorted.length - SHOWN;
  return more > 0 ? `${sorted.slice(0, SHOWN).join(', ')} and ${more} more` : sorted.join(', ');
}

/**
 * How to run a command on these nodes, from here: in a cluster by a pod that shares the node's network. `tool`: whether it
 * is busybox that has it, or the node itself.
 */
export function onNodes(facts: Facts, nodes: readonly string[], command: string, tool: 'busybox' | 'node' = 'busybox') {
  const [only = ''] = nodes;
  if (facts.place === 'local') return `sudo ${command}`;
  if (facts.place === 'endpoints') return `sudo ${command}   # on ${listed(nodes)}`;
  const onHost = tool === 'node' ? 'chroot /host ' : '';
  const debug = (node: string) =>
    `kubectl debug node/${node} -it --image=busybox --profile=sysadmin -- ${onHost}${command}`;
  if (nodes.length === 1) return debug(only);
  return `for node in ${inOrder(nodes).join(' ')}; do ${debug('$node')}; done`;
}

/** The namespace that these agents are in, or the first of them. */
export function namespaceOf(agents: readonly AgentState[]): string | undefined {
  return agents.find(({ namespace }) => namespace !== undefined)?.namespace;
}

function inOrder(names: readonly string[]): readonly string[] {
  return [...new Set(names)].sort((a, b) => a.localeCompare(b, 'en', { numeric: true }));
}
