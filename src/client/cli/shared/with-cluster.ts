import { type KubeClient, type KubeOptions, loadKubeClient } from '../../kubernetes/config.ts';
import { KubeError } from '../../kubernetes/errors.ts';
import {
  describeMissingPermissions,
  missingPermissions,
  type RequiredPermission,
  whoAmI,
} from '../../kubernetes/permissions.ts';
import { UserError } from '../../session/user-error.ts';

/** Calls `act` with a client for the cluster, and reports its errors in one message. */
export async function withCluster<T>(options: KubeOptions, act: (kube: KubeClient) => Promise<T>): Promise<T> {
  try {
    return await act(loadKubeClient(options));
  } catch (error) {
    if (error instanceof KubeError) throw new UserError(error.message);
    throw error;
  }
}

/** Fails with a list in RBAC's terms if the user lacks some of the permissions. */
export async function requirePermissions(
  kube: KubeClient,
  needs: readonly RequiredPermission[],
  signal: AbortSignal,
): Promise<void> {
  const missing = await missingPermissions(kube, needs, signal);
  if (missing.length > 0) await permissionError(kube, missing, signal);
}

export async function permissionError(
  kube: KubeClient,
  missing: readonly RequiredPermission[],
  signal: AbortSignal,
): Promise<never> {
  throw new UserError(describeMissingPermissions(missing, await whoAmI(kube, signal)));
}
