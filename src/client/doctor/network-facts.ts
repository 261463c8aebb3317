import { getJson, getPage } from '../kubernetes/api-request.ts';
import type { KubeClient } from '../kubernetes/config.ts';
import { KubeError } from '../kubernetes/errors.ts';
import { flag, list, map, type Read, record, text } from '../kubernetes/json-readers.ts';
import type { Network, Plugin } from './facts.ts';

/** Of a pod, the fields that are read here. */
const POD = record({
  metadata: record({ namespace: text, labels: map(text) }),
  spec: record({ containers: list(record({ env: list(record({ name: text, value: text })) })) }),
});
type PodObject = Read<typeof POD>;
const CONFIG_MAP = record({ data: map(text) });
const FELIX = record({ spec: record({ bpfEnabled: flag }) });

const SELECTOR = encodeURIComponent('k8s-app in (cilium,calico-node)');
/** A few are enough: plugins are the same on every node. */
const MAX_PODS = 50;

/** Finds the pods of network plugins, and reads their settings if this user may. */
export async function detectNetwork(kube: KubeClient, signal: AbortSignal): Promise<Network> {
  const plugins = new Map<string, Promise<Plugin>>();
  for (const pod of await pluginPods(kube, signal)) {
    const { namespace, labels } = pod.metadata ?? {};
    if (namespace === undefined) continue;
    const name = labels?.['k8s-app'] === 'cilium' ? 'cilium' : 'calico';
    const read = name === 'cilium' ? ciliumSettings : calicoSettings;
    const key = `${namespace}/${name}`;
    if (plugins.has(key)) continue;
    plugins.set(
      key,
      read(kube, pod, namespace, signal).then((settings) => ({
        name,
        namespace,
        ...(settings === undefined ? {} : { settings }),
      })),
    );
  }
  return { kind: 'seen', plugins: await Promise.all(plugins.values()) };
}

async function pluginPods(kube: KubeClient, signal: AbortSignal): Promise<readonly PodObject[]> {
  const listIn = async (scope: string, namespace: string | undefined) => {
    const permission = { verb: 'list', resource: 'pods', ...(namespace === undefined ? {} : { namespace }) };
    const path = `/api/v1${scope}/pods?labelSelector=${SELECTOR}&limit=${MAX_PODS}`;
    const { items } = await getPage(kube, path, permission, signal);
    return list(POD)(items) ?? [];
  };
  try {
    return await listIn('', undefined);
  } catch (error) {
    if (error instanceof KubeError && error.code === 'forbidden')
      return listIn('/namespaces/kube-system', 'kube-system');
    throw error;
  }
}

function ciliumSettings(kube: KubeClient, _pod: PodObject, namespace: string, signal: AbortSignal) {
  return readable(async () => {
    const path = `/api/v1/namespaces/${encodeURIComponent(namespace)}/configmaps/cilium-config`;
    const settings = await getJson(kube, path, { verb: 'get', resource: 'configmaps', namespace }, signal);
    return CONFIG_MAP(settings)?.data ?? {};
  });
}

/** From its pods' environment, or from its own resource, which may not exist. */
async function calicoSettings(kube: KubeClient, { spec }: PodObject, _namespace: string, signal: AbortSignal) {
  const environment = (spec?.containers ?? []).flatMap(({ env }) => env ?? []);
  const set = environment.find(({ name }) => name === 'FELIX_BPFENABLED')?.value;
  if (set !== undefined) return { bpfEnabled: set.toLowerCase() };
  return readable(async () => {
    const path = '/apis/crd.projectcalico.org/v1/felixconfigurations/default';
    const permission = { verb: 'get', resource: 'felixconfigurations', group: 'crd.projectcalico.org' };
    const felix = FELIX(await getJson(kube, path, permission, signal));
    return { bpfEnabled: String(felix?.spec?.bpfEnabled ?? false) };
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
