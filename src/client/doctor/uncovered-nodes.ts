import { usedAgents } from '../model/agent.ts';
import type { Facts, NodeFacts } from './facts.ts';

/** The control-plane nodes, if none of them has an agent: an install can leave out all of them. */
export function uncoveredControlPlane({ cluster, agents }: Facts): readonly NodeFacts[] {
  const known = new Set<string>(usedAgents(agents).map(({ node }) => node));
  const controlPlane = (cluster?.nodes ?? []).filter(({ isControlPlane }) => isControlPlane);
  return controlPlane.some(({ name }) => known.has(name)) ? [] : controlPlane;
}
