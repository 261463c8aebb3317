import type { V1Pod } from '@kubernetes/client-node';
import { singleLine } from '../kubernetes/errors.ts';
import type { DaemonSetObject } from './manifest.ts';

/** One node's agent, during a rollout. */
export interface NodeProgress {
  readonly node: string;
  /** `failing`: it probably will not recover without help. */
  readonly state: 'ready' | 'waiting' | 'failing';
  /** "ready", "starting", "ImagePullBackOff: …" */
  readonly message: string;
  /** The pod of this progress. */
  readonly pod: string;
}

export interface RolloutStatus {
  /** Every node that should have an agent has one, of this version, and it is ready. */
  readonly done: boolean;
  readonly desired: number;
  /** Agents of this version that are ready. */
  readonly ready: number;
  /** By name. */
  readonly nodes: readonly NodeProgress[];
}

const GENERATION = 'deprecated.daemonset.template.generation';
/** Normal reasons of a waiting container. */
const STARTING = new Set(['ContainerCreating', 'PodInitializing']);

export const NOT_READY = 'running, but not ready';

/** The status of a rollout from the DaemonSet and the pods of its selector. Pure. */
export function rolloutStatus(agents: DaemonSetObject, pods: readonly V1Pod[]): RolloutStatus {
  const { status } = agents;
  const desired = status?.desiredNumberScheduled ?? 0;
  const seen = (status?.observedGeneration ?? 0) >= Number(agents.metadata.generation ?? 0);
  const allUpdated = seen && desired > 0 && (status?.updatedNumberScheduled ?? 0) >= desired;
  const own = pods.filter(({ metadata }) => metadata?.ownerReferences?.some(({ uid }) => uid === agents.metadata.uid));
  const isCurrent = ofThisVersion(agents, own);
  const newest = new Map<string, V1Pod>();
  for (const pod of own) {
    const node = nodeOf(pod);
    const other = newest.get(node);
    if (other === undefined || rank(pod) > rank(other)) newest.set(node, pod);
  }
  const nodes = [...newest]
    .map(
      ([node, pod]): NodeProgress => ({
        node,
        pod: pod.metadata?.name ?? '',
        ...progressOf(pod, allUpdated || isCurrent(pod)),
      }),
    )
    .sort((a, b) => a.node.localeCompare(b.node, 'en', { numeric: true }));
  const ready = nodes.filter(({ state }) => state === 'ready').length;
  const done = allUpdated && (status?.numberAvailable ?? 0) >= desired && ready >= desired;
  return { done, desired, ready, nodes };
}

/**
 * A pod's template is identified by its generation and its hash. After a rollback the template has a new
 * generation and its old hash.
 */
function ofThisVersion(agents: DaemonSetObject, pods: readonly V1Pod[]): (pod: V1Pod) => boolean {
  const generation = agents.metadata.annotations?.[GENERATION];
  const isOfGeneration = ({ metadata }: V1Pod) => {
    const own = metadata?.labels?.['pod-template-generation'];
    return own === undefined || generation === undefined || own === generation;
  };
  const hashOf = ({ metadata }: V1Pod) => metadata?.labels?.['controller-revision-hash'];
  const hashes = new Set(pods.filter(isOfGeneration).flatMap((pod) => hashOf(pod) ?? []));
  return (pod) => isOfGeneration(pod) || hashes.has(hashOf(pod) ?? '');
}

/** Of two pods on a node the one that stays counts, otherwise the younger one. */
function rank({ metadata }: V1Pod): number {
  return (metadata?.deletionTimestamp ? 0 : 1e15) + new Date(metadata?.creationTimestamp ?? 0).getTime();
}

/** The affinity of a pod without a node names its node. */
function nodeOf({ metadata, spec }: V1Pod): string {
  if (spec?.nodeName) return spec.nodeName;
  const terms = spec?.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms ?? [];
  const fields = terms.flatMap(({ matchFields }) => matchFields ?? []);
  return fields.find(({ key }) => key === 'metadata.name')?.values?.[0] ?? `(pod ${metadata?.name})`;
}

function progressOf({ metadata, status }: V1Pod, isCurrent: boolean): Pick<NodeProgress, 'state' | 'message'> {
  if (metadata?.deletionTimestamp) return waiting('the agent before is ending');
  if (!isCurrent) return waiting('the agent before still runs');
  if (status?.phase === 'Failed') return failing(`${status.reason ?? 'failed'}: ${status.message ?? ''}`);
  const scheduled = status?.conditions?.find(({ type }) => type === 'PodScheduled');
  if (scheduled?.status === 'False') return failing(`pending: ${scheduled.message ?? scheduled.reason ?? ''}`);
  const container = status?.containerStatuses?.[0];
  const stopped = container?.state?.waiting;
  if (stopped !== undefined && !STARTING.has(stopped.reason ?? '')) {
    const last = container?.lastState?.terminated;
    const why = last ? `exit status ${last.exitCode}: ${lastLine(last.message)}` : stopped.message;
    return failing(`${stopped.reason}: ${why ?? ''}`);
  }
  const ended = container?.state?.terminated;
  if (ended !== undefined) return failing(`exit status ${ended.exitCode}: ${lastLine(ended.message)}`);
  if (container?.ready) return { state: 'ready', message: 'ready' };
  return waiting(container?.started ? NOT_READY : 'starting');
}

function waiting(message: string): Pick<NodeProgress, 'state' | 'message'> {
  return { state: 'waiting', message };
}

function failing(words: string): Pick<NodeProgress, 'state' | 'message'> {
  return { state: 'failing', message: singleLine(words).replace(/: $|:$/, '') };
}

/** The last line of a log, which is the most useful. */
function lastLine(text: string | undefined): string {
  return singleLine((text ?? '').trim().split('\n').at(-1) ?? '');
}
