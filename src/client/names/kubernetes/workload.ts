import { kubernetesKind, kubernetesName } from '../../format/kubernetes-name.ts';
import type { CleanText } from '../../format/sanitize.ts';

export interface Workload {
  readonly kind: CleanText;
  readonly name: CleanText;
}

interface OwnerReference {
  readonly kind?: string;
  readonly name?: string;
  readonly controller?: boolean;
}

/** CronJobs name their Jobs by the scheduled minute since 1970: eight digits from 1989 to 2160. */
const CRON_JOB_RUN = /^(.+)-(\d{8})$/;

/**
 * The workload of a pod: the object that an operator deployed. Only the pod itself is read, so that no permission to list ReplicaSets and
 * Jobs is needed: a Deployment's ReplicaSets are named after it and the pod's template hash, a CronJob's Jobs after it and
 * the time.
 */
export function findWorkload(
  owners: readonly OwnerReference[],
  labels: Readonly<Record<string, string>>,
): Workload | undefined {
  const owner = owners.find(({ controller }) => controller) ?? owners[0];
  // A static pod is owned by its node, which is not a workload.
  if (!owner?.kind || !owner.name || owner.kind === 'Node') return undefined;
  const [kind, name] = deployed(owner.kind, owner.name, labels);
  const valid = { kind: kubernetesKind(kind), name: kubernetesName(name) };
  return valid.kind === undefined || valid.name === undefined ? undefined : { kind: valid.kind, name: valid.name };
}

function deployed(kind: string, name: string, labels: Readonly<Record<string, string>>): readonly [string, string] {
  if (kind === 'ReplicaSet') {
    const deployment = withoutHash(name, labels['pod-template-hash']);
    if (deployment !== undefined) return ['Deployment', deployment];
    const rollout = withoutHash(name, labels['rollouts-pod-template-hash']);
    if (rollout !== undefined) return ['Rollout', rollout];
  }
  if (kind === 'Job') {
    const cronJob = CRON_JOB_RUN.exec(name)?.[1];
    if (cronJob !== undefined) return ['CronJob', cronJob];
  }
  return [kind, name];
}

function withoutHash(name: string, hash: string | undefined): string | undefined {
  const end = `-${hash}`;
  return hash !== undefined && name.length > end.length && name.endsWith(end) ? name.slice(0, -end.length) : undefined;
}
