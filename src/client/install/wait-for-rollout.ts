import { setTimeout as after } from 'node:timers/promises';
import type { V1Pod } from '@kubernetes/client-node';
import { Backoff } from '../async/backoff.ts';
import { invalidAnswerError, KubeError, singleLine } from '../kubernetes/errors.ts';
import { APP_LABEL, type DaemonSetObject, type KubeObject } from './manifest.ts';
import type { ObjectClient } from './object-client.ts';
import { NOT_READY, type RolloutStatus, rolloutStatus } from './rollout-status.ts';

const POLL_MS = 1_000;
/** The longest pause between requests while the API server is unreachable. */
const MAX_RETRY_MS = 15_000;
const PODS = { apiVersion: 'v1', kind: 'Pod' };
const EVENTS = { apiVersion: 'v1', kind: 'Event' };

export interface WaitOptions {
  readonly api: ObjectClient;
  readonly signal: AbortSignal;
  /** 0: no limit. */
  readonly timeoutMs: number;
  /** Called with a line, without its end. */
  readonly onProgress: (line: string) => void;
}

export type WaitResult =
  | { readonly kind: 'done'; readonly rollout: RolloutStatus }
  | { readonly kind: 'late'; readonly why: readonly string[] }
  /** Each agent is ready or reports that its node has no table; a line for each of the latter. */
  | { readonly kind: 'no-table'; readonly rollout: RolloutStatus; readonly why: readonly string[] }
  /** The signal aborted, with the last status. */
  | { readonly kind: 'interrupted'; readonly rollout?: RolloutStatus };

/** Waits until every node has a ready agent. Reports each change on a node in a line. */
export async function waitForAgents(agents: DaemonSetObject, waiting: WaitOptions): Promise<WaitResult> {
  const reported = new Map<string, string>();
  let last: RolloutStatus | undefined;
  let current: KubeObject = agents;
  const tableless = new TablelessAgents(waiting.api, namespaceOf(agents));
  const done = await unlessAborted(waiting, async () => {
    const [daemonSet, pods] = await Promise.all([
      waiting.api.read(agents),
      agentPods(waiting.api, namespaceOf(agents)),
    ]);
    if (daemonSet === undefined) throw new KubeError('not-found', 'the DaemonSet was removed in the meantime');
    current = daemonSet;
    last = rolloutStatus(daemonSet as DaemonSetObject, pods);
    for (const { node, message } of last.nodes) {
      if (reported.get(node) === message) continue;
      reported.set(node, message);
      waiting.onProgress(`${node}: ${message}`);
    }
    return last.done || (await tableless.areAllOthers(last));
  });
  if (done === undefined) return { kind: 'interrupted', ...(last === undefined ? {} : { rollout: last }) };
  if (done && last?.done === true) return { kind: 'done', rollout: last };
  if (done && last !== undefined) return { kind: 'no-table', rollout: last, why: tableless.list() };
  return { kind: 'late', why: await reasons(waiting.api, current, last) };
}

const EVENT_PAUSE_MS = 3_000;

/** Agents whose readiness probe reports that the node has no table: to wait for them does not help. */
class TablelessAgents {
  readonly #api: ObjectClient;
  readonly #namespace: string;
  readonly #found = new Map<string, string>();
  #askedAt = Number.NEGATIVE_INFINITY;

  constructor(api: ObjectClient, namespace: string) {
    this.#api = api;
    this.#namespace = namespace;
  }

  /** A line for each node. */
  list(): string[] {
    return Array.from(this.#found, ([node, why]) => `${node}: ${why}`);
  }

  async areAllOthers({ nodes, desired }: RolloutStatus): Promise<boolean> {
    const others = nodes.filter(({ state }) => state !== 'ready');
    if (nodes.length < desired || others.some(({ message }) => message !== NOT_READY)) return false;
    if (performance.now() - this.#askedAt < EVENT_PAUSE_MS) return false;
    this.#askedAt = performance.now();
    this.#found.clear();
    for (const { node, pod } of others) {
      const event = await lastWarning(this.#api, this.#namespace, pod);
      const [why] = /no conntrack table can be read.*/.exec(event ?? '') ?? [];
      if (why === undefined) return false;
      this.#found.set(node, why);
    }
    return others.length > 0;
  }
}

/** Waits until the objects are gone, and the agents' pods with them. Returns what still exists after the timeout or an abort. */
export async function waitForRemoval(
  objects: readonly KubeObject[],
  namespace: string,
  waiting: WaitOptions,
): Promise<readonly KubeObject[]> {
  let left: readonly KubeObject[] = objects;
  let reported = -1;
  await unlessAborted(waiting, async () => {
    const found = await Promise.all(objects.map((object) => waiting.api.read(object)));
    const pods = await agentPods(waiting.api, namespace);
    const owners = new Set(objects.map(({ metadata }) => metadata.uid));
    const owned = pods.filter(({ metadata }) => metadata?.ownerReferences?.some(({ uid }) => owners.has(uid)));
    left = [
      ...found.filter((object, index) => object !== undefined && object.metadata.uid === objects[index]?.metadata.uid),
      ...(owned as unknown as KubeObject[]).map((pod) => ({ ...pod, ...PODS })),
    ].filter((object) => object !== undefined);
    if (owned.length !== reported && owned.length > 0)
      waiting.onProgress(`${owned.length} ${owned.length === 1 ? 'agent is' : 'agents are'} ending`);
    reported = owned.length;
    return left.length === 0;
  });
  return left;
}

/** As `until`; undefined after an abort: then the caller lists what is left. */
async function unlessAborted(waiting: WaitOptions, check: () => Promise<boolean>): Promise<boolean | undefined> {
  try {
    return await until(waiting, check);
  } catch (error) {
    if (waiting.signal.aborted) return undefined;
    throw error;
  }
}

/** True when `check` succeeds, false after the timeout. It keeps waiting while the API server is unreachable. */
async function until({ signal, timeoutMs }: WaitOptions, check: () => Promise<boolean>): Promise<boolean> {
  const end = timeoutMs === 0 ? Number.POSITIVE_INFINITY : performance.now() + timeoutMs;
  const backoff = new Backoff(POLL_MS, MAX_RETRY_MS);
  for (;;) {
    let pause = POLL_MS;
    try {
      if (await check()) return true;
      backoff.succeeded();
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof KubeError)) throw invalidAnswerError('the agents', error);
      const passing = error.code === 'unreachable' || error.code === 'busy';
      if (!passing || performance.now() >= end) throw error;
      pause = backoff.failed();
    }
    const rest = end - performance.now();
    if (rest <= 0) return false;
    await after(Math.min(pause, rest), undefined, { signal });
  }
}

async function agentPods(api: ObjectClient, namespace: string): Promise<V1Pod[]> {
  const resource = await api.resource(PODS);
  return (await api.list(resource, namespace, `?labelSelector=app%3D${APP_LABEL}`)) as unknown as V1Pod[];
}

/** A line for each node without a ready agent, and for the DaemonSet if that is the cause. */
async function reasons(api: ObjectClient, agents: KubeObject, last: RolloutStatus | undefined): Promise<string[]> {
  if (last === undefined) return ['the API server did not answer'];
  const lines: string[] = [];
  for (const { node, state, message, pod } of last.nodes) {
    if (state === 'ready') continue;
    // A waiting container has a reason; failures of probes and mounts are in the events only.
    const event = state === 'waiting' ? await lastWarning(api, namespaceOf(agents), pod) : undefined;
    lines.push(`${node}: ${message}${event === undefined ? '' : ` (${event})`}`);
  }
  const without = last.desired - last.nodes.length;
  if (without > 0) {
    const event = await lastWarning(api, namespaceOf(agents), agents.metadata.name);
    lines.push(`${without} of ${last.desired} nodes have no pod${event === undefined ? '' : `: ${event}`}`);
  }
  if (last.desired === 0) lines.push('no node is selected (see the nodeSelector of the DaemonSet)');
  return lines.length > 0 ? lines : ['the last agent became ready just now'];
}

/** "Unhealthy: Readiness probe failed: NOT_SERVING". Undefined: there is none, or this user may not read it. */
async function lastWarning(api: ObjectClient, namespace: string, name: string): Promise<string | undefined> {
  try {
    const selector = encodeURIComponent(`involvedObject.name=${name},type=Warning`);
    const events = await api.list(await api.resource(EVENTS), namespace, `?fieldSelector=${selector}`);
    const at = (event: KubeObject) => String(event.lastTimestamp ?? event.eventTime ?? '');
    const latest = events.sort((a, b) => at(a).localeCompare(at(b))).at(-1);
    return latest && singleLine(`${latest.reason}: ${latest.message}`);
  } catch (error) {
    if (error instanceof KubeError) return undefined;
    throw error;
  }
}

function namespaceOf({ metadata }: KubeObject): string {
  return metadata.namespace ?? 'default';
}
