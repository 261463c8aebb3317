import { clusterDiscovery } from '../agents/cluster-discovery.ts';
import type { Discovery } from '../agents/discovery.ts';
import { type KubeOptions, loadKubeClient } from '../kubernetes/config.ts';
import type { NameProvider } from '../names/combine-resolvers.ts';
import { kubernetesResolver } from '../names/kubernetes/kubernetes-names.ts';

export interface ClusterInputs {
  readonly discovery: Discovery;
  readonly providers: readonly NameProvider[];
}

/**
 * A cluster's agents and names, by kubectl's own flags. Rejects with a KubeError if the kubeconfig is missing
 * or invalid, or credentials are not available. It gets them at once, while a plugin can still prompt on the terminal.
 */
export async function openClusterInputs(options: KubeOptions = {}): Promise<ClusterInputs> {
  const kube = loadKubeClient(options);
  await kube.access.authorize();
  return { discovery: clusterDiscovery(kube, options), providers: [kubernetesResolver(kube)] };
}
