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

/** On what an install made for the whole cluster: the namespace of its agents. */
const INSTALLED_FOR = 'kflow/agent-namespace';

export function isOurs(object: KubeObject): boolean {
  return object.metadata.labels?.['app.kubernetes.io/managed-by'] === 'kflow';
}

/** Whether an install into this namespace made the object, so that it may remove it: no other namespace's object is. */
export function isOfInstall(object: KubeObject, namespace: string): boolean {
  const { namespace: own, labels } = object.metadata;
  if (!isOurs(object) || object.kind === 'Namespace') return false;
  return own === undefined ? labels?.[INSTALLED_FOR] === namespace : own === namespace;
}

/** Whether it was made for the whole cluster by an install into another namespace. */
export function isOfAnother({ metadata: { namespace: own, labels } }: KubeObject, namespace: string): boolean {
  const madeFor = labels?.[INSTALLED_FOR];
  return own === undefined && madeFor !== undefined && madeFor !== namespace;
}

/** Marks what is for the whole cluster as made by the install into this namespace. */
export function withInstall<T extends KubeObject>(object: T, namespace: string): T {
  const { metadata, kind } = object;
  if (metadata.namespace !== undefined || kind === 'Namespace') return object;
  return { ...object, metadata: { ...metadata, labels: { ...metadata.labels, [INSTALLED_FOR]: namespace } } };
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

/**
 * What was installed beside a DaemonSet, and may be removed with it: objects of its own namespace, and those of the whole
 * cluster. The annotation is a hint by whoever can write to the namespace: it never leads to another namespace, nor to a
 * namespace itself. One that somebody spoilt counts as none.
 */
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
    if (kind === 'Namespace' || (namespace !== undefined && namespace !== agents.metadata.namespace)) return [];
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
