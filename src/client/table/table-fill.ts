import type { AgentState } from '../model.ts';

/** Entries of the kernel's table, as its own counter says: polls of a large table are seldom, that is asked often. */
export function entriesOf({ poll, about }: AgentState): number | undefined {
  return about?.entries ?? poll?.entries;
}

/** How full the kernel's table is, from 0 to 1. */
export function fillOf(agent: AgentState): number | undefined {
  const entries = entriesOf(agent);
  const most = agent.about?.maxEntries;
  return entries === undefined || !most ? undefined : entries / most;
}
