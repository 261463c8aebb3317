/** The default namespace of the agents. */
export const DEFAULT_AGENT_NAMESPACE = 'kflow';
const NAMESPACE_VARIABLE = 'KFLOW_AGENT_NAMESPACE';

/** The namespaces whose pods may be agents: those of the flags, else those of the environment, else `kflow`. */
export function resolveAgentNamespaces(
  given: readonly string[] | undefined,
  env: NodeJS.ProcessEnv,
): readonly string[] {
  const configured = (env[NAMESPACE_VARIABLE] ?? '').split(',').map((name) => name.trim());
  const chosen = [given ?? [], configured, [DEFAULT_AGENT_NAMESPACE]].find((names) => names.some(Boolean)) ?? [];
  return [...new Set(chosen.filter(Boolean))];
}
