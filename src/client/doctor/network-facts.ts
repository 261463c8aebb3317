import type { Kube } from '../kube/config.ts';
import { KubeError } from '../kube/errors.ts';
import { getJson } from '../kube/request.ts';
import type { Network, Plugin } from './facts.ts';

/** Of a pod, the fields that are read here. */
interface PodObject {
  readonly metadata: { readonly namespace: string; readonly labels?: Readonly<Record<string, string>> };
  readonly spec?: {
    readonly containers?: readonly { readonly env?: readonly { readonly name: string; readonly value?: string }[] }[];
  };
}

const SELECTOR = encodeURIComponent('k8s-app in (cilium,calico-node)');
/** They are the same on every node. */
const ENOUGH = 50;

/** Looks for the pods of network plugins, and reads their settings where that is allowed. */
export async function networkOf(kube: Kube, signal: AbortSignal): Promise<Network> {
  const plugins = new Map<string, Promise<Plugin>>();
  for (const pod of await pluginPods(kube, signal)) {
    const { namespace, labels } = pod.metadata;
    const name = labels?.['k8s-app'] === 'cilium' ? 'cilium' : 'calico';
    const read = name === 'cilium' ? ciliumSettings : calicoSettings;
    const key = `${namespace}/${name}`;
    if (plugins.has(key)) continue;
    plugins.set(
      key,
      read(kube, pod, signal).then((settings) => ({
        name,
        namespace,
        ...(settings === undefined ? {} : { settings }),
      })),
    );
  }
  return { kind: 'seen', plugins: await Promise.all(plugins.values()) };
}

async function pluginPods(kube: Kube, signal: AbortSignal): Promise<readonly PodObject[]> {
  const list = async (scope: string, namespace: string | undefined) => {
    const right = { verb: 'list', resource: 'pods', ...(namespace === undefined ? {} : { namespace }) };
    const path = `/api/v1${scope}/pods?labelSelector=${SELECTOR}&limit=${ENOUGH}`;
    return ((await getJson(kube, path, right, signal)) as { items?: readonly PodObject[] }).items ?? [];
  };
  try {
    return await list('', undefined);
  } catch (error) {
    if (error instanceof KubeError && error.code === 'forbidden') return list('/namespaces/kube-system', 'kube-system');
    throw error;
  }
}

function ciliumSettings(kube: Kube, { metadata }: PodObject, signal: AbortSignal) {
  const { namespace } = metadata;
  return readable(async () => {
    const path = `/api/v1/namespaces/${encodeURIComponent(namespace)}/configmaps/cilium-config`;
    const map = await getJson(kube, path, { verb: 'get', resource: 'configmaps', namespace }, signal);
    return (map as { data?: Record<string, string> }).data ?? {};
  });
}

/** By its pods' environment, or by its own resource, which need not be there. */
async function calicoSettings(kube: Kube, { spec }: PodObject, signal: AbortSignal) {
  const environment = (spec?.containers ?? []).flatMap(({ env }) => env ?? []);
  const set = environment.find(({ name }) => name === 'FELIX_BPFENABLED')?.value;
  if (set !== undefined) return { bpfEnabled: set.toLowerCase() };
  return readable(async () => {
    const path = '/apis/crd.projectcalico.org/v1/felixconfigurations/default';
    const right = { verb: 'get', resource: 'felixconfigurations', group: 'crd.projectcalico.org' };
    const felix = (await getJson(kube, path, right, signal)) as { spec?: { bpfEnabled?: boolean } };
    return { bpfEnabled: String(felix.spec?.bpfEnabled ?? false) };
  });
}

async function readable<T>(read: () => Promise<T>): Promise<T | undefined> {
  try {
    return await read();
  } catch (error) {
    if (error instanceof KubeError && (error.code === 'forbidden' || error.code === 'not-found')) return undefined;
    throw error;
  }
}
