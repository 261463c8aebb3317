import type { CleanText } from './sanitize.ts';
import { isKubernetesName } from './shell-command.ts';

/**
 * A valid name of a pod, node, service, namespace or workload: it is checked, never changed or cut.
 * Undefined: Kubernetes does not allow this name.
 */
export function kubernetesName(value: unknown): CleanText | undefined {
  return typeof value === 'string' && isKubernetesName(value) ? (value as CleanText) : undefined;
}

/** "Deployment", or the kind of a custom resource. */
export function kubernetesKind(value: unknown): CleanText | undefined {
  return typeof value === 'string' && /^[A-Za-z][A-Za-z0-9-]{0,62}$/.test(value) ? (value as CleanText) : undefined;
}
