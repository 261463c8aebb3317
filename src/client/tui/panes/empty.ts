import { toCells } from '../../format/cells.ts';
import { shellCommand } from '../../format/shell-command.ts';
import { usedAgents } from '../../model/agent.ts';
import type { Snapshot } from '../../model/snapshot.ts';
import type { AdaptCommand } from '../../problems/next-step.ts';
import { formatSuggestedActions, type SuggestedAction } from '../input/suggested-actions.ts';
import type { ViewState } from '../state.ts';

export const NOTHING_MATCHES = 'Nothing matches the filter. Esc clears it.';

/** Why a table has no rows, and what to do next: with keys if there is nothing to show at all. */
export function emptyTableMessage(
  snapshot: Snapshot | undefined,
  state: ViewState,
  actions: readonly SuggestedAction[] = [],
  adapt: AdaptCommand = (command) => command,
): readonly string[] {
  const reasons = reasonsFor(snapshot, state, adapt);
  const line = snapshot === undefined || snapshot.connections.length > 0 ? '' : formatSuggestedActions(actions);
  return line === '' ? reasons : [...reasons, line];
}

function reasonsFor(snapshot: Snapshot | undefined, state: ViewState, adapt: AdaptCommand): readonly string[] {
  if (snapshot === undefined) return ['Looking for agents …'];
  if (state.view === 'problems' || state.focus === 'problems')
    if (snapshot.agents.some(({ status }) => status.kind === 'live'))
      return [
        'No problems: TCP and DNS get answers, no table fills up, every agent is there. (`?` explains what is looked for.)',
      ];
  if (snapshot.discoveryError !== undefined) return [toCells(snapshot.discoveryError)];
  if (snapshot.agents.length === 0) return ['No agents.'];
  if (snapshot.connections.length > 0) {
    if (state.filter !== '') return [NOTHING_MATCHES];
    return ['No connections in this selection. `c` clears it; `f` and `v` change state and IP version.'];
  }
  const trouble = snapshot.agents.flatMap(({ node, status }) =>
    status.kind === 'lost' || status.kind === 'stale' ? [`${node}: ${status.kind}, ${status.reason}`] : [],
  );
  const agents = usedAgents(snapshot.agents);
  const waiting = agents.filter(({ status }) => status.kind === 'connecting').length;
  const notices = snapshot.notices.length > 0 ? snapshot.notices : trouble;
  if (notices.length > 0) return notices.map(toCells);
  if (waiting > 0) return [`Connecting: ${agents.length - waiting} of ${agents.length} agents have answered …`];
  return [
    'The conntrack table is empty: the kernel tracks connections only if a firewall rule uses connection state.',
    `\`${shellCommand(adapt(['kflow', 'doctor'])).text}\` checks why.`,
  ];
}
