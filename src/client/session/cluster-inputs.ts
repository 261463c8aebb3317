import { clusterDiscovery } from '../agents/cluster-discovery.ts';
import type { Discovery } from '../agents/discovery.ts';
import { type KubeOptions, loadKube } from '../kubernetes/config.ts';
import { composeNames } from '../names/combine-resolvers.ts';
import { kubernetesNames } from '../names/kubernetes/kubernetes-names.ts';
import type { Names } from '../names/name-resolver.ts';
import { ReverseDns, withReverseDns } from '../names/reverse-dns.ts';

export interface ClusterSources {
  readonly discovery: Discovery;
  readonly names: Names;
  /** Off until it is switched on: `reverseDns.on = true`. */
  readonly reverseDns: ReverseDns;
}

/**
 * A cluster's agents and names, by kubectl's own flags. Rejects with a KubeError where the kubeconfig is missing
 * or wrong, or its credentials cannot be had: they are asked for at once, while a plugin can still ask at the terminal.
 */
export async function clusterSources(options: KubeOptions = {}): Promise<ClusterSources> {
  const kube = loadKube(options);
  await kube.access.enter();
  const reverseDns = new ReverseDns();
  return {
    discovery: clusterDiscovery(kube, options),
    names: composeNames([withReverseDns(kubernetesNames(kube), reverseDns)]),
    reverseDns,
  };
}
