import { kubernetesName } from '../format/kubernetes-name.ts';
import { type CleanText, cleanSentence } from '../format/sanitize.ts';
import { list, map, number, type Read, record, text, uid } from '../kubernetes/json-readers.ts';
import { type Candidate, findIdentityError } from './agent-identity.ts';

/** What discovery keeps of a pod that may be an agent's. */
export interface AgentPod extends Candidate {
  readonly namespace: CleanText;
  readonly name: CleanText;
  readonly node?: CleanText;
  readonly port: number;
  /** Changes when a new pod has the same name, or when its agent was restarted, scheduled to a node, or ended. */
  readonly incarnation: string;
  /** Why it cannot be reached yet ("ImagePullBackOff: …"). Absent: its agent runs. */
  readonly waiting?: CleanText;
  /** Why it is not an agent. Absent: it is one. */
  readonly fault?: CleanText;
  /** It has the label of kflow's own agents. */
  readonly isLabelled: boolean;
}

/** The label in kflow's manifest. It only helps to find pods that may be agents. */
const AGENT_LABEL = { key: 'app', value: 'kflow-daemon' };
export const AGENT_SELECTOR = `${AGENT_LABEL.key}=${AGENT_LABEL.value}`;
const AGENT_PORT = 50051;
/** The name of the container's port, if its number is not the default. */
const PORT_NAME = 'grpc';

const STATUSES = list(
  record({
    name: text,
    containerID: text,
    restartCount: number,
    state: record({
      running: record({}),
      waiting: record({ reason: text, message: text }),
      terminated: record({ reason: text, exitCode: number }),
    }),
  }),
);
type ContainerStatus = Read<typeof STATUSES>[number];

/** Of a Pod object, the fields that are read here. The API leaves out what is empty. */
const POD = record({
  metadata: record({
    uid,
    name: text,
    namespace: text,
    deletionTimestamp: text,
    creationTimestamp: text,
    labels: map(text),
  }),
  spec: record({
    nodeName: text,
    containers: list(record({ name: text, ports: list(record({ name: text, containerPort: number })) })),
  }),
  status: record({
    phase: text,
    reason: text,
    message: text,
    conditions: list(record({ type: text, status: text, message: text })),
    containerStatuses: STATUSES,
    initContainerStatuses: STATUSES,
  }),
});
type PodObject = Read<typeof POD>;

export function decodeAgentPod(object: unknown): AgentPod | undefined {
  const { metadata, spec, status } = POD(object) ?? {};
  const [namespace, name] = [kubernetesName(metadata?.namespace), kubernetesName(metadata?.name)];
  if (!metadata?.uid || name === undefined || namespace === undefined) return undefined;
  const node = kubernetesName(spec?.nodeName);
  // The agent's container is the one with its port; a sidecar may stand before it.
  const containers = spec?.containers ?? [];
  const agent =
    containers.find(({ ports }) =>
      ports?.some((port) => port.name === PORT_NAME || port.containerPort === AGENT_PORT),
    ) ?? containers[0];
  const port = agent?.ports?.find(({ name }) => name === PORT_NAME)?.containerPort ?? AGENT_PORT;
  const container = status?.containerStatuses?.find(({ name }) => name === agent?.name);
  const waiting = describeWaiting(metadata, status, container);
  const fault = findIdentityError(object);
  const stage = waiting === undefined ? '' : spec?.nodeName ? '.waiting' : '.unscheduled';
  return {
    uid: metadata.uid,
    namespace,
    name,
    ...(node === undefined ? {} : { node }),
    port,
    incarnation: `${metadata.uid.slice(0, 8)}.${container?.restartCount ?? 0}${stage}`,
    isReady: status?.conditions?.some(({ type, status: value }) => type === 'Ready' && value === 'True') ?? false,
    isEnding: Boolean(metadata.deletionTimestamp) || status?.phase === 'Failed' || status?.phase === 'Succeeded',
    createdAt: Date.parse(metadata.creationTimestamp ?? '') || 0,
    isLabelled: metadata.labels?.[AGENT_LABEL.key] === AGENT_LABEL.value,
    ...(waiting === undefined ? {} : { waiting: cleanSentence(waiting) }),
    ...(fault === undefined ? {} : { fault }),
  };
}

function describeWaiting(
  metadata: PodObject['metadata'],
  status: PodObject['status'],
  container: ContainerStatus | undefined,
): string | undefined {
  if (metadata?.deletionTimestamp) return 'the pod is being deleted';
  const { waiting, terminated, running } = container?.state ?? {};
  if (waiting) return withMessage(waiting.reason ?? 'waiting', waiting.message);
  if (terminated) return `the agent ended: ${terminated.reason ?? 'exit'}, status ${terminated.exitCode ?? 'unknown'}`;
  if (status?.phase === 'Running' && running) return undefined;
  const blocked = status?.initContainerStatuses?.find(({ state }) => state?.waiting)?.state?.waiting;
  if (blocked) return withMessage(blocked.reason ?? 'waiting', blocked.message);
  const unscheduled = status?.conditions?.find(
    ({ type, status: value }) => type === 'PodScheduled' && value === 'False',
  );
  if (unscheduled) return withMessage('not scheduled', unscheduled.message);
  return withMessage(status?.reason ?? `the pod is ${status?.phase ?? 'Pending'}`, status?.message);
}

function withMessage(reason: string, message: string | undefined): string {
  return message ? `${reason}: ${message.split('\n')[0]}` : reason;
}
