import type { CleanText } from './sanitize.ts';
import { isKubernetesName } from './shell-command.ts';

/**
 * The name of a pod, node, service, namespace or workload, as the API server allows them: it is checked, never changed or cut.
 * Undefined: no API server of Kubernetes has an object of that name.
 */
export function kubernetesName(value: unknown): CleanText | undefined {
  return typeof value === 'string' && isKubernetesName(value) ? (value as CleanText) : undefined;
}

/** "Deployment", or the kind of a custom resource. */
export function kubernetesKind(value: unknown): CleanText | undefined {
  return typeof value === 'string' && /^[A-Za-z][A-Za-z0-9-]{0,62}$/.test(value) ? (value as CleanText) : undefined;
}
