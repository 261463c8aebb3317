import { INSTALL_NAMESPACE } from '../discover/cluster.ts';
import type { Kube, KubeOptions } from '../kube/config.ts';
import { KubeError } from '../kube/errors.ts';
import { getJson, sendJson } from '../kube/request.ts';
import { missingRights, type Need, userName } from '../kube/rights.ts';
import type { AgentState } from '../model.ts';
import type { ClusterFacts, MissingRight, Network } from './facts.ts';
import { networkOf } from './network-facts.ts';

const METADATA_ONLY = 'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1,application/json';
const PAGE = 500;
const NAMED: readonly Omit<Need, 'verb'>[] = [
  { resource: 'services' },
  { resource: 'nodes' },
  { resource: 'endpointslices', group: 'discovery.k8s.io' },
];

/** What can be told of a cluster without asking its agents. `agents`: those that were found. */
export async function clusterFacts(
  kube: Kube,
  options: KubeOptions,
  agents: readonly Pick<AgentState, 'namespace' | 'pod'>[],
  signal: AbortSignal,
): Promise<ClusterFacts> {
  const agentNamespaces = [...new Set(agents.flatMap(({ namespace }) => namespace ?? []))];
  const { context, server } = kube;
  const known = { context, server, missing: [] };
  try {
    const version = await getJson(kube, '/version', { verb: 'get', resource: 'version' }, signal);
    const [user, missing, nodes, network, image] = await Promise.all([
      userName(kube, signal),
      missingOf(kube, options, agentNamespaces, signal),
      linuxNodes(kube, signal),
      networkFacts(kube, signal),
      imageOf(kube, agents, signal),
    ]);
    return {
      ...known,
      serverVersion: (version as { gitVersion?: string }).gitVersion ?? 'of an unknown version',
      missing,
      network,
      ...(user === undefined ? {} : { user }),
      ...(nodes === undefined ? {} : { nodes }),
      ...(image === undefined ? {} : { image }),
    };
  } catch (error) {
    if (error instanceof KubeError) return { ...known, unreachable: error.message };
    throw error;
  }
}

async function missingOf(
  kube: Kube,
  { namespace, allNamespaces }: KubeOptions,
  agentNamespaces: readonly string[],
  signal: AbortSignal,
): Promise<MissingRight[]> {
  const only = allNamespaces === true ? undefined : namespace;
  const scope = only === undefined ? {} : { namespace: only };
  const pods = ['list', 'watch'].map((verb): Need => ({ verb, resource: 'pods', ...scope }));
  const reach = agentNamespaces.map((one): Need => ({ verb: 'create', resource: 'pods/portforward', namespace: one }));
  const names = NAMED.flatMap((named) => ['list', 'watch'].map((verb): Need => ({ verb, ...named })));
  const missing = await missingRights(kube, [...pods, ...reach, ...names], signal);
  const isBlind = missing.some(isListPods) && (only !== undefined || (await seesNoNamespace(kube, signal)));
  return missing
    .filter(
      ({ verb, resource }) =>
        verb === 'list' || !missing.some((other) => other.verb === 'list' && other.resource === resource),
    )
    .map((need) => ({ ...need, vital: need.verb === 'create' || (isListPods(need) && isBlind) }));
}

function isListPods({ verb, resource }: Need): boolean {
  return verb === 'list' && resource === 'pods';
}

/** Discovery looks into these where it may not look everywhere. */
async function seesNoNamespace(kube: Kube, signal: AbortSignal): Promise<boolean> {
  const narrow = [...new Set([kube.namespace, INSTALL_NAMESPACE])];
  const needs = narrow.map((namespace): Need => ({ verb: 'list', resource: 'pods', namespace }));
  return (await missingRights(kube, needs, signal)).length === needs.length;
}

/** Undefined: not for this user to know. */
async function linuxNodes(kube: Kube, signal: AbortSignal): Promise<string[] | undefined> {
  const names: string[] = [];
  let after = '';
  try {
    do {
      const more = after === '' ? '' : `&continue=${encodeURIComponent(after)}`;
      const request = { method: 'GET', path: `/api/v1/nodes?limit=${PAGE}${more}`, accept: METADATA_ONLY } as const;
      const { items, metadata } = (await sendJson(kube, request, undefined, signal)) as NodePage;
      for (const { metadata } of items ?? [])
        if ((metadata.labels?.['kubernetes.io/os'] ?? 'linux') === 'linux') names.push(metadata.name);
      after = metadata?.continue ?? '';
    } while (after !== '');
    return names;
  } catch (error) {
    if (error instanceof KubeError && error.code === 'forbidden') return undefined;
    throw error;
  }
}

/** Of the agent's container, which a sidecar may stand before. Undefined: there is no agent, or this user may not read its pod. */
async function imageOf(
  kube: Kube,
  [agent]: readonly Pick<AgentState, 'namespace' | 'pod'>[],
  signal: AbortSignal,
): Promise<string | undefined> {
  if (agent?.namespace === undefined || agent.pod === undefined) return undefined;
  const { namespace, pod } = agent;
  const path = `/api/v1/namespaces/${encodeURIComponent(namespace)}/pods/${encodeURIComponent(pod)}`;
  try {
    const object = await getJson(kube, path, { verb: 'get', resource: 'pods', namespace }, signal);
    const containers =
      (object as { spec?: { containers?: { name: string; image?: string }[] } }).spec?.containers ?? [];
    return (containers.find(({ name }) => name === 'agent') ?? containers[0])?.image;
  } catch (error) {
    if (error instanceof KubeError && (error.code === 'forbidden' || error.code === 'not-found')) return undefined;
    throw error;
  }
}

interface NodePage {
  readonly items?: readonly {
    readonly metadata: { readonly name: string; readonly labels?: Record<string, string> };
  }[];
  readonly metadata?: { readonly continue?: string };
}

async function networkFacts(kube: Kube, signal: AbortSignal): Promise<Network> {
  try {
    return await networkOf(kube, signal);
  } catch (error) {
    if (error instanceof KubeError && error.code === 'forbidden') return { kind: 'unseen', reason: error.message };
    throw error;
  }
}
