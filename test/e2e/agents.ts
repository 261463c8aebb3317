import { readFileSync } from 'node:fs';
import { AppsV1Api, type KubernetesObject, loadAllYaml, type V1DaemonSet } from '@kubernetes/client-node';
import type { Playground } from './playground.ts';

const MANIFEST = new URL('../../k8s/daemonset.yaml', import.meta.url);

/** The image of the agent, which the cluster's nodes have or can pull. */
export const AGENT_IMAGE = process.env.KFLOW_TEST_IMAGE;

/** Why tests that need agents are skipped; false where they run. */
export const noAgents: string | false =
  process.env.KUBECONFIG && AGENT_IMAGE ? false : 'needs a cluster with the image: set KUBECONFIG and KFLOW_TEST_IMAGE';

/** With the image of the tests. */
export function agentDaemonSet(): V1DaemonSet {
  const objects = loadAllYaml(readFileSync(MANIFEST, 'utf8')) as KubernetesObject[];
  const daemonSet = objects.find(({ kind }) => kind === 'DaemonSet') as V1DaemonSet | undefined;
  const [container] = daemonSet?.spec?.template.spec?.containers ?? [];
  if (daemonSet === undefined || container === undefined) throw new Error(`no DaemonSet in ${MANIFEST}`);
  container.image = AGENT_IMAGE ?? '';
  return daemonSet;
}

/** Puts the agents of k8s/daemonset.yaml into the playground's namespace, and waits until each node has one that is ready. */
export async function installAgents(playground: Playground, daemonSet = agentDaemonSet()): Promise<void> {
  await playground.create(daemonSet as KubernetesObject);
  const apps = playground.config.makeApiClient(AppsV1Api);
  const { namespace } = playground;
  await playground.until('agents that are ready on all nodes', async () => {
    const name = daemonSet.metadata?.name ?? '';
    const { status } = await apps.readNamespacedDaemonSet({ name, namespace });
    const wanted = status?.desiredNumberScheduled ?? 0;
    return wanted > 0 && status?.numberReady === wanted && status.updatedNumberScheduled === wanted;
  });
}
