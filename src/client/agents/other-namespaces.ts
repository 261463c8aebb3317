import { isKubernetesName } from '../format/shell-command.ts';
import { getPage } from '../kubernetes/api-request.ts';
import type { KubeClient, KubeOptions } from '../kubernetes/config.ts';
import { ownCommand } from '../kubernetes/same-cluster.ts';
import { AGENT_SELECTOR, decodeAgentPod } from './agent-pod.ts';

/** Enough to name some. */
const MAX_PODS = 500;
const MAX_NAMESPACES = 3;

/**
 * Finds other namespaces that have agents: they are reported, never used. It searches by the usual
 * label, so that a large cluster need not send all its pods. Never rejects: this user may not be allowed to list them.
 */
export async function findAgentNamespaces(
  kube: KubeClient,
  { agentSelector = AGENT_SELECTOR, namespace }: KubeOptions,
  known: readonly string[],
  signal: AbortSignal,
): Promise<readonly string[]> {
  const everywhere = await namespacesWithAgents(kube, agentSelector, undefined, signal);
  // A user who may not list all namespaces may still list this one.
  const found = everywhere ?? (namespace && (await namespacesWithAgents(kube, agentSelector, namespace, signal))) ?? [];
  return [...new Set(found)]
    .filter((one) => isKubernetesName(one) && !known.includes(one))
    .sort()
    .slice(0, MAX_NAMESPACES);
}

async function namespacesWithAgents(
  kube: KubeClient,
  selector: string,
  namespace: string | undefined,
  signal: AbortSignal,
): Promise<readonly string[] | undefined> {
  const scope = namespace === undefined ? '' : `/namespaces/${encodeURIComponent(namespace)}`;
  const path = `/api/v1${scope}/pods?limit=${MAX_PODS}&labelSelector=${encodeURIComponent(selector)}`;
  const right = { verb: 'list', resource: 'pods', ...(namespace === undefined ? {} : { namespace }) };
  try {
    const { items } = await getPage(kube, path, right, signal);
    return items.flatMap((object) => {
      const pod = decodeAgentPod(object);
      return pod === undefined || pod.fault !== undefined ? [] : pod.namespace;
    });
  } catch {
    return undefined;
  }
}

/** The command that uses the agents of each of these namespaces. */
export function agentNamespaceCommands(namespaces: readonly string[], options: KubeOptions): string[] {
  return namespaces.map((namespace) => `\`${ownCommand(['agents', '--agent-namespace', namespace], options)}\``);
}
