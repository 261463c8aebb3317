import type { DaemonSetObject, KubeObject, ObjectMeta } from './manifest.ts';

/** What an install made has this label; nothing else is ever removed. */
export const MANAGED_BY = { 'app.kubernetes.io/managed-by': 'kflow' } as const;
export const MANAGED_BY_SELECTOR = 'app.kubernetes.io/managed-by=kflow';
/** On the agents' DaemonSet: what else was installed with it, so that an uninstall needs no manifest. */
const INVENTORY = 'kflow/objects';

/** Which object, whatever is in it. */
export type Reference = Pick<KubeObject, 'apiVersion' | 'kind'> & {
  readonly metadata: Pick<ObjectMeta, 'name' | 'namespace'>;
};

export function isOurs(object: KubeObject): boolean {
  return object.metadata.labels?.['app.kubernetes.io/managed-by'] === 'kflow';
}

/** The DaemonSet with a list of the others. Where it has its namespace beside it and no more, that goes without saying. */
export function withInventory(agents: DaemonSetObject, others: readonly KubeObject[]): DaemonSetObject {
  const namespace = agents.metadata.namespace;
  const told = others.filter(({ kind, metadata }) => kind !== 'Namespace' || metadata.name !== namespace);
  if (told.length === 0) return agents;
  const inventory = JSON.stringify(
    told.map(({ apiVersion, kind, metadata }) => ({
      apiVersion,
      kind,
      name: metadata.name,
      namespace: metadata.namespace,
    })),
  );
  const { metadata } = agents;
  return { ...agents, metadata: { ...metadata, annotations: { ...metadata.annotations, [INVENTORY]: inventory } } };
}

/** What was installed beside a DaemonSet. Not its namespace. An annotation that somebody spoilt counts as none. */
export function inventory(agents: KubeObject): readonly Reference[] {
  let listed: unknown;
  try {
    listed = JSON.parse(agents.metadata.annotations?.[INVENTORY] ?? '[]');
  } catch {
    return [];
  }
  if (!Array.isArray(listed)) return [];
  return listed.flatMap((entry: Partial<Record<string, unknown>> | null) => {
    const { apiVersion, kind, name, namespace } = entry ?? {};
    if (typeof apiVersion !== 'string' || typeof kind !== 'string' || typeof name !== 'string') return [];
    return [{ apiVersion, kind, metadata: { name, ...(typeof namespace === 'string' ? { namespace } : {}) } }];
  });
}

export function sameObject(a: Reference, b: Reference): boolean {
  return (
    groupOf(a) === groupOf(b) &&
    a.kind === b.kind &&
    a.metadata.name === b.metadata.name &&
    a.metadata.namespace === b.metadata.namespace
  );
}

/** "daemonset.apps/kflow-daemon in namespace kflow" */
export function objectWords(object: Reference): string {
  const group = groupOf(object);
  const { name, namespace } = object.metadata;
  const kind = object.kind.toLowerCase() + (group === '' ? '' : `.${group}`);
  return `${kind}/${name}${namespace === undefined ? '' : ` in namespace ${namespace}`}`;
}

export function groupOf({ apiVersion }: { readonly apiVersion: string }): string {
  return apiVersion.includes('/') ? apiVersion.slice(0, apiVersion.indexOf('/')) : '';
}

/**
 * Whether an object keeps its namespace from being removed. Not those that Kubernetes puts into every namespace, nor
 * those that go with their owner (`owners`: uids of what is removed).
 */
export function keepsNamespace(
  resource: string,
  { name, annotations, ownerReferences }: ObjectMeta,
  owners: ReadonlySet<string>,
): boolean {
  if (ownerReferences?.some(({ uid }) => owners.has(uid))) return false;
  switch (resource) {
    case 'configmaps':
      return name !== 'kube-root-ca.crt' && name !== 'openshift-service-ca.crt';
    case 'serviceaccounts':
      return !MADE_ACCOUNTS.has(name);
    case 'secrets':
      return !MADE_ACCOUNTS.has(annotations?.['kubernetes.io/service-account.name'] ?? '');
    default:
      return true;
  }
}

const MADE_ACCOUNTS = new Set(['default', 'builder', 'deployer']);
