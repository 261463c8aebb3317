import { type Kube, type KubeOptions, loadKube } from '../../kubernetes/config.ts';
import { KubeError } from '../../kubernetes/errors.ts';
import { missingRights, missingWords, type Need, userName } from '../../kubernetes/permissions.ts';
import { Failure } from '../../session/user-error.ts';

/** Does something with a cluster; what goes wrong there is told in one message. */
export async function inCluster<T>(options: KubeOptions, act: (kube: Kube) => Promise<T>): Promise<T> {
  try {
    return await act(loadKube(options));
  } catch (error) {
    if (error instanceof KubeError) throw new Failure(error.message);
    throw error;
  }
}

/** Fails with a list, in RBAC's terms, where the user lacks some of the rights. */
export async function requireRights(kube: Kube, needs: readonly Need[], signal: AbortSignal): Promise<void> {
  const missing = await missingRights(kube, needs, signal);
  if (missing.length > 0) await refuse(kube, missing, signal);
}

export async function refuse(kube: Kube, missing: readonly Need[], signal: AbortSignal): Promise<never> {
  throw new Failure(missingWords(missing, await userName(kube, signal)));
}
