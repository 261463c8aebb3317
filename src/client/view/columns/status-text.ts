import type { AgentState } from '../../model.ts';
import { formatAge } from '../../table/format.ts';

/** "● live", "◌ connecting", "◐ stale 12 s", "✗ lost 3 m 10 s": told by sign and word, never by colour alone. */
export function statusText(agent: AgentState, now: number): string {
  const since = agent.lastSeenAt === undefined ? '' : ` ${formatAge(Math.floor((now - agent.lastSeenAt) / 1000))}`;
  switch (agent.status.kind) {
    case 'live':
      return '● live';
    case 'connecting':
      return '◌ connecting';
    case 'stale':
      return `◐ stale${since}`;
    case 'lost':
      return `✗ lost${since}`;
    case 'unused':
      return '– unused';
  }
}
