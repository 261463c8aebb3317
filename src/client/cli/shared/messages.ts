import { agentNamespaceCommands } from '../../agents/other-namespaces.ts';
import { formatAgentName } from '../../format/agent.ts';
import { listSome } from '../../format/list.ts';
import { isKubernetesName } from '../../format/shell-command.ts';
import type { KubeOptions } from '../../kubernetes/config.ts';
import type { AgentState } from '../../model/agent.ts';
import type { Connection } from '../../model/connection.ts';
import type { Snapshot } from '../../model/snapshot.ts';
import { type SessionOptions, trafficNamespaces } from '../../session/session.ts';
import { UserError } from '../../session/user-error.ts';
import type { CollectedSnapshot } from './collect.ts';
import { describeMissingAgents } from './missing-agents.ts';

/** The collected snapshot. Without any agent it throws an error that says why, and what to do. */
export function requireAgents({ snapshot }: CollectedSnapshot, timeoutMs: number): Snapshot {
  // Only a recording has no timeout: it has nothing to wait for.
  if (snapshot === undefined && timeoutMs === 0)
    throw new UserError('nothing of the recording can be read: it is damaged');
  if (snapshot === undefined)
    throw new UserError(`timed out after ${timeoutMs / 1000}s (change with --request-timeout)`);
  if (snapshot.agents.length > 0) return snapshot;
  const reason = snapshot.discoveryError ?? 'no agents';
  throw new UserError([`${snapshot.origin}: ${reason}`, ...snapshot.notices].join('\n'));
}

/** As `requireAgents`, but at least one agent must have sent a table. */
export function requireTables(collected: CollectedSnapshot, timeoutMs: number): Snapshot {
  const snapshot = requireAgents(collected, timeoutMs);
  if (collected.received > 0) return snapshot;
  const [only] = collected.missing;
  if (collected.missing.length === 1 && only !== undefined)
    throw new UserError([`${formatAgentName(only.agent)}: ${only.why}`, ...snapshot.notices].join('\n'));
  const lines = describeMissingAgents(collected).map((line) => `  ${line}`);
  throw new UserError(['no data from any agent:', ...lines, ...snapshot.notices].join('\n'));
}

/** Why no connection is printed although there are some; `-n` may have been meant for the agents. */
export function describeNoMatch(
  connections: readonly Connection[],
  source: SessionOptions,
  agents: readonly AgentState[],
): string[] {
  if (connections.length === 0) return [];
  const meant = (trafficNamespaces(source) ?? []).filter((one) => agents.some(({ namespace }) => namespace === one));
  return [
    `0 of ${connections.length} connections match the filter`,
    ...meant.map(
      (one) => `-n ${one} means the traffic of namespace ${one}: \`--agent-namespace ${one}\` chooses the agents there`,
    ),
  ];
}

/** "there are agents in namespace blue: `kflow agents --agent-namespace blue`", so that nobody searches or installs in the wrong namespace. */
export function describeAgentNamespaces(namespaces: readonly string[], kube: KubeOptions): string {
  const valid = namespaces.filter(isKubernetesName).sort();
  const commands = agentNamespaceCommands(valid.slice(0, 3), kube);
  return `there are agents in namespace${valid.length === 1 ? '' : 's'} ${listSome(valid)}: ${commands.join(', ')}`;
}
