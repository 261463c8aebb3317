/**
 * The one place that decides who is an agent. Identity comes from Kubernetes: from what a pod is, never from what it, or
 * its labels, say about it. A user who may only create pods in a namespace of their own must not pass.
 */

import { kubernetesKind } from '../format/kubernetes-name.ts';
import { type CleanText, sentence } from '../format/sanitize.ts';
import { flag, list, record, text } from '../kubernetes/json-readers.ts';

/** Of a Pod object, the fields that decide. */
const POD = record({
  metadata: record({ ownerReferences: list(record({ apiVersion: text, kind: text, controller: flag })) }),
  spec: record({
    hostNetwork: flag,
    volumes: list(record({ name: text, hostPath: record({ path: text }) })),
    containers: list(record({ volumeMounts: list(record({ name: text })) })),
  }),
});

/** Where a node has its conntrack table, and the socket folder of kflow-reader. */
export const TABLE_FOLDER = '/proc/1/net';
export const READER_SOCKET_FOLDER = '/run/kflow';
const AGENT_HOST_PATHS = [TABLE_FOLDER, READER_SOCKET_FOLDER];

/** Why this pod is not an agent; undefined: it is one, if it is in an agents' namespace. */
export function findIdentityError(pod: unknown): CleanText | undefined {
  const { metadata, spec } = POD(pod) ?? {};
  const controller = metadata?.ownerReferences?.find((owner) => owner.controller === true);
  if (controller === undefined) return sentence`no DaemonSet controls it`;
  if (controller.kind !== 'DaemonSet' || !/^apps\//.test(controller.apiVersion ?? ''))
    return sentence`a ${kubernetesKind(controller.kind) ?? 'controller of an unknown kind'} controls it, not a DaemonSet of group apps`;
  // On the node's loopback any user of the node could be what answers. And kflow-reader, which has that network, is no agent.
  if (spec?.hostNetwork === true) return sentence`it has the host network`;
  const mounts = (spec?.containers ?? []).flatMap(({ volumeMounts = [] }) => volumeMounts);
  const mounted = new Set(mounts.flatMap(({ name }) => name ?? []));
  const paths = (spec?.volumes ?? []).flatMap(({ name, hostPath }) =>
    name !== undefined && mounted.has(name) ? (hostPath?.path ?? []) : [],
  );
  return paths.some(mountsSource) ? undefined : sentence`no container mounts hostPath /proc/1/net or /run/kflow`;
}

/**
 * A folder above is as good: older manifests mount /proc. Pod Security "baseline" denies tenants every hostPath, so a pod
 * that has one was admitted as privileged, whichever path it is.
 */
function mountsSource(path: string): boolean {
  const folder = `/${path.split('/').filter(Boolean).join('/')}`;
  return AGENT_HOST_PATHS.some((source) => folder === '/' || source === folder || source.startsWith(`${folder}/`));
}

/** The facts that decide which of a node's pods is used. */
export interface Candidate {
  readonly uid: string;
  /** spec.nodeName */
  readonly node?: string;
  readonly isReady: boolean;
  /** It is being deleted, or has ended. */
  readonly isEnding: boolean;
  /** Unix milliseconds. */
  readonly createdAt: number;
}

/** Chooses one pod for each node: not ending, ready, then the oldest. Others are listed, but not merged. */
export function chooseAgents<T extends Candidate>(pods: Iterable<T>): ReadonlyMap<string, T> {
  const chosen = new Map<string, T>();
  for (const pod of pods) {
    if (pod.node === undefined) continue;
    const other = chosen.get(pod.node);
    if (other === undefined || compareCandidates(pod, other) < 0) chosen.set(pod.node, pod);
  }
  return chosen;
}

function compareCandidates(a: Candidate, b: Candidate): number {
  return (
    Number(a.isEnding) - Number(b.isEnding) ||
    Number(b.isReady) - Number(a.isReady) ||
    a.createdAt - b.createdAt ||
    (a.uid < b.uid ? -1 : 1)
  );
}

/**
 * The node that an agent names where that is not the one it runs on. Without KUBE_NODE_NAME an honest agent names its pod,
 * as that is its host name.
 */
export function findDifferingClaim<Name extends string>(claim: Name, node: string, pod: string): Name | undefined {
  return claim === '' || claim === node || claim === pod ? undefined : claim;
}
