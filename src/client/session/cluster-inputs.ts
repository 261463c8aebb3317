import { clusterDiscovery } from '../agents/cluster-discovery.ts';
import type { Discovery } from '../agents/discovery.ts';
import { type KubeOptions, loadKubeClient } from '../kubernetes/config.ts';
import { combineResolvers } from '../names/combine-resolvers.ts';
import { kubernetesResolver } from '../names/kubernetes/kubernetes-names.ts';
import type { NameResolver } from '../names/name-resolver.ts';
import { ReverseDns, withReverseDns } from '../names/reverse-dns.ts';

export interface ClusterInputs {
  readonly discovery: Discovery;
  readonly names: NameResolver;
  /** Off until it is switched on: `reverseDns.on = true`. */
  readonly reverseDns: ReverseDns;
}

/**
 * A cluster's agents and names, by kubectl's own flags. Rejects with a KubeError where the kubeconfig is missing
 * or wrong, or its credentials cannot be had: they are asked for at once, while a plugin can still ask at the terminal.
 */
export async function clusterInputs(options: KubeOptions = {}): Promise<ClusterInputs> {
  const kube = loadKubeClient(options);
  await kube.access.authorize();
  const reverseDns = new ReverseDns();
  return {
    discovery: clusterDiscovery(kube, options),
    names: combineResolvers([withReverseDns(kubernetesResolver(kube), reverseDns)]),
    reverseDns,
  };
}
