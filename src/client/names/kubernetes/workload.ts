export interface Workload {
  readonly kind: string;
  readonly name: string;
}

interface OwnerReference {
  readonly kind?: string;
  readonly name?: string;
  readonly controller?: boolean;
}

/** CronJobs name their Jobs by the minute they are due, counted since 1970: eight digits from 1989 to 2160. */
const CRON_JOB_RUN = /^(.+)-(\d{8})$/;

/**
 * What an operator deployed, of which the pod is a part. Only the pod itself is read, so that no right to list ReplicaSets and
 * Jobs is needed: a Deployment's ReplicaSets are named after it and the pod's template hash, a CronJob's Jobs after it and
 * the time.
 */
export function workloadOf(
  owners: readonly OwnerReference[],
  labels: Readonly<Record<string, string>>,
): Workload | undefined {
  const owner = owners.find(({ controller }) => controller) ?? owners[0];
  // A static pod is owned by its node, which says nothing about what it is.
  if (!owner?.kind || !owner.name || owner.kind === 'Node') return undefined;
  if (owner.kind === 'ReplicaSet') {
    const deployment = withoutHash(owner.name, labels['pod-template-hash']);
    if (deployment !== undefined) return { kind: 'Deployment', name: deployment };
    const rollout = withoutHash(owner.name, labels['rollouts-pod-template-hash']);
    if (rollout !== undefined) return { kind: 'Rollout', name: rollout };
  }
  if (owner.kind === 'Job') {
    const cronJob = CRON_JOB_RUN.exec(owner.name)?.[1];
    if (cronJob !== undefined) return { kind: 'CronJob', name: cronJob };
  }
  return { kind: owner.kind, name: owner.name };
}

function withoutHash(name: string, hash: string | undefined): string | undefined {
  const end = `-${hash}`;
  return hash !== undefined && name.length > end.length && name.endsWith(end) ? name.slice(0, -end.length) : undefined;
}
