import { INSTALL_NAMESPACE } from '../agents/cluster-discovery.ts';
import { kubernetesName } from '../format/kubernetes-name.ts';
import { type CleanText, cleanPath, cleanSentence, cleanText } from '../format/sanitize.ts';
import { getJson, getPage } from '../kubernetes/api-request.ts';
import type { KubeClient, KubeOptions } from '../kubernetes/config.ts';
import { KubeError } from '../kubernetes/errors.ts';
import { flag, list, map, number, type Read, record, text } from '../kubernetes/json-readers.ts';
import { readPages } from '../kubernetes/list-pages.ts';
import { missingPermissions, type RequiredPermission, whoAmI } from '../kubernetes/permissions.ts';
import { isEssential, viewerPermissions } from '../kubernetes/viewer-permissions.ts';
import type { AgentState } from '../model/agent.ts';
import { CONTROL_PLANE_LABELS } from '../model/control-plane.ts';
import type { ClusterFacts, InstallFacts, MissingPermission, Network, NodeFacts } from './facts.ts';
import { detectNetwork } from './network-facts.ts';

const AGENT = record({
  metadata: record({ ownerReferences: list(record({ kind: text, name: text, controller: flag })) }),
  spec: record({
    hostUsers: flag,
    securityContext: record({ runAsGroup: number }),
    volumes: list(record({ name: text, hostPath: record({ path: text }) })),
    containers: list(
      record({
        name: text,
        image: text,
        env: list(record({ name: text, value: text })),
        volumeMounts: list(record({ name: text, mountPath: text, subPath: text })),
        securityContext: record({ runAsGroup: number, seLinuxOptions: record({ type: text }) }),
      }),
    ),
  }),
});
const NODE = record({
  metadata: record({ name: text, labels: map(text) }),
  status: record({
    conditions: list(record({ type: text, status: text, reason: text, message: text })),
    nodeInfo: record({ containerRuntimeVersion: text, kernelVersion: text }),
  }),
});
/** A label of OpenShift's nodes: "rhel", "rhcos". */
const OPENSHIFT_LABEL = 'node.openshift.io/os_id';
const VERSION = record({ gitVersion: text });

/** Facts about a cluster that do not come from its agents. `agents`: the agents that were found. */
export async function collectClusterFacts(
  kube: KubeClient,
  options: KubeOptions,
  agents: readonly Agent[],
  signal: AbortSignal,
): Promise<ClusterFacts> {
  const agentNamespaces = [...new Set(agents.flatMap(({ namespace }) => namespace ?? []))];
  const known = { context: cleanText(kube.context), server: cleanPath(kube.server), missing: [] };
  try {
    const version = await getJson(kube, '/version', { verb: 'get', resource: 'version' }, signal);
    const [user, missing, nodes, network, installs] = await Promise.all([
      whoAmI(kube, signal),
      findMissingPermissions(kube, options, agentNamespaces, signal),
      linuxNodes(kube, signal),
      networkFacts(kube, signal),
      readInstalls(kube, agents, signal),
    ]);
    return {
      ...known,
      serverVersion: cleanText(VERSION(version)?.gitVersion ?? 'of an unknown version'),
      missing,
      network,
      ...(user === undefined ? {} : { user }),
      ...(nodes === undefined ? {} : { nodes }),
      installs,
    };
  } catch (error) {
    if (error instanceof KubeError) return { ...known, unreachable: cleanSentence(error.message) };
    throw error;
  }
}

async function findMissingPermissions(
  kube: KubeClient,
  { agentNamespaces: searched = [INSTALL_NAMESPACE] }: KubeOptions,
  agentNamespaces: readonly string[],
  signal: AbortSignal,
): Promise<MissingPermission[]> {
  const missing = await missingPermissions(kube, viewerPermissions(searched, agentNamespaces), signal);
  const isSame = (one: RequiredPermission, other: RequiredPermission) =>
    one.resource === other.resource && one.namespace === other.namespace;
  return missing
    .filter((need) => need.verb !== 'watch' || !missing.some((other) => other.verb === 'list' && isSame(need, other)))
    .map((need) => ({ ...need, required: isEssential(need) }));
}

/** Undefined: this user may not list them. */
export async function linuxNodes(kube: KubeClient, signal: AbortSignal): Promise<NodeFacts[] | undefined> {
  const nodes: NodeFacts[] = [];
  const permission = { verb: 'list', resource: 'nodes' };
  const page = (limit: number, next: string) => {
    const more = next === '' ? '' : `&continue=${encodeURIComponent(next)}`;
    return getPage(kube, `/api/v1/nodes?limit=${limit}${more}`, permission, signal);
  };
  const take = (objects: readonly unknown[]) => {
    for (const node of list(NODE)(objects) ?? []) {
      const isLinux = (node.metadata?.labels?.['kubernetes.io/os'] ?? 'linux') === 'linux';
      const name = kubernetesName(node.metadata?.name);
      if (isLinux && name !== undefined) nodes.push(nodeFacts(name, node));
    }
  };
  try {
    await readPages(page, 'nodes', take);
    return nodes;
  } catch (error) {
    if (error instanceof KubeError && error.code === 'forbidden') return undefined;
    throw error;
  }
}

function nodeFacts(name: CleanText, { metadata, status }: Read<typeof NODE>): NodeFacts {
  const ready = status?.conditions?.find(({ type }) => type === 'Ready');
  const { containerRuntimeVersion: runtime, kernelVersion: kernel } = status?.nodeInfo ?? {};
  return {
    name,
    ...(CONTROL_PLANE_LABELS.some((label) => metadata?.labels?.[label] !== undefined) ? { isControlPlane: true } : {}),
    ...(metadata?.labels?.[OPENSHIFT_LABEL] === undefined ? {} : { isOpenShift: true }),
    // A node has no conditions until its kubelet reports them.
    ...(ready === undefined || ready.status === 'True'
      ? {}
      : { notReady: { reason: cleanText(ready.reason ?? ''), message: cleanSentence(ready.message ?? '') } }),
    ...(runtime === undefined ? {} : { runtime: cleanText(runtime) }),
    ...(kernel === undefined ? {} : { kernel: cleanText(kernel) }),
  };
}

/** The install of each namespace, read from one agent's pod, if this user may read it. */
async function readInstalls(kube: KubeClient, agents: readonly Agent[], signal: AbortSignal) {
  const one = new Map(agents.map(({ namespace, pod }) => [namespace, pod]));
  const found = await Promise.all(
    Array.from(one, async ([namespace, pod]) => {
      const install = namespace && pod ? await readInstall(kube, namespace, pod, signal) : undefined;
      return install === undefined ? [] : [[namespace, install] as const];
    }),
  );
  return Object.fromEntries(found.flat()) as Readonly<Record<string, InstallFacts>>;
}

async function readInstall(kube: KubeClient, namespace: string, pod: string, signal: AbortSignal) {
  const path = `/api/v1/namespaces/${encodeURIComponent(namespace)}/pods/${encodeURIComponent(pod)}`;
  try {
    const permission = { verb: 'get', resource: 'pods', namespace };
    const { metadata, spec } = AGENT(await getJson(kube, path, permission, signal)) ?? {};
    // A sidecar may stand before the agent's container.
    const containers = spec?.containers ?? [];
    const container = containers.find(({ name }) => name === 'agent') ?? containers[0];
    const image = container?.image;
    const group = container?.securityContext?.runAsGroup ?? spec?.securityContext?.runAsGroup;
    const selinuxType = container?.securityContext?.seLinuxOptions?.type;
    const hostUsers = spec?.hostUsers;
    const variable = (wanted: string) => container?.env?.find(({ name }) => name === wanted)?.value;
    const table = variable('CONNTRACK_PATH');
    const conntrack =
      table === undefined || table === 'auto' ? undefined : pathOnNode(table, spec?.volumes, container?.volumeMounts);
    const source = variable('KFLOW_SOURCE');
    const owner = metadata?.ownerReferences?.find(
      ({ kind, controller }) => kind === 'DaemonSet' && controller === true,
    );
    const daemonSet = kubernetesName(owner?.name);
    return {
      ...(image === undefined ? {} : { image }),
      ...(daemonSet === undefined ? {} : { daemonSet }),
      ...(group === undefined ? {} : { group }),
      ...(selinuxType === undefined ? {} : { selinuxType }),
      ...(conntrack === undefined ? {} : { conntrack }),
      ...(source === undefined ? {} : { source }),
      ...(hostUsers === undefined ? {} : { hostUsers }),
    };
  } catch (error) {
    if (error instanceof KubeError && (error.code === 'forbidden' || error.code === 'not-found')) return undefined;
    throw error;
  }
}

type Spec = NonNullable<NonNullable<ReturnType<typeof AGENT>>['spec']>;

/** Converts a path in the pod to the path on the node, for `install --conntrack`; unchanged if no mount contains it. */
function pathOnNode(
  path: string,
  volumes: Spec['volumes'],
  mounts: NonNullable<Spec['containers']>[number]['volumeMounts'],
): string {
  for (const { name, mountPath, subPath } of mounts ?? []) {
    const volume = volumes?.find((one) => one.name === name)?.hostPath?.path;
    if (volume === undefined || mountPath === undefined) continue;
    const node = subPath ? `${volume}/${subPath}` : volume;
    if (path === mountPath || path.startsWith(`${mountPath}/`)) return node + path.slice(mountPath.length);
  }
  return path;
}

type Agent = Pick<AgentState, 'namespace' | 'pod'>;

async function networkFacts(kube: KubeClient, signal: AbortSignal): Promise<Network> {
  try {
    return await detectNetwork(kube, signal);
  } catch (error) {
    if (error instanceof KubeError && error.code === 'forbidden')
      return { kind: 'unseen', reason: cleanSentence(error.message) };
    throw error;
  }
}
