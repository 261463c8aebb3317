import { isRecord, list } from '../kubernetes/json-readers.ts';
import { MAX_INSTALLED_OBJECTS } from '../model/limits.ts';
import type { DaemonSetObject, KubeObject, ObjectMeta } from './manifest.ts';

/** The label of objects that an install created; nothing else is ever removed. */
export const MANAGED_BY = { 'app.kubernetes.io/managed-by': 'kflow' } as const;
export const MANAGED_BY_SELECTOR = 'app.kubernetes.io/managed-by=kflow';
/** An annotation of the agents' DaemonSet: the other objects of the install, so that an uninstall needs no manifest. */
const INVENTORY = 'kflow/objects';

/** A reference to an object. */
export type ObjectRef = Pick<KubeObject, 'apiVersion' | 'kind'> & {
  readonly metadata: Pick<ObjectMeta, 'name' | 'namespace'>;
};

/** A label of cluster-scoped objects of an install: the namespace of its agents. */
const INSTALLED_FOR = 'kflow/agent-namespace';

export function isManaged(object: KubeObject): boolean {
  return object.metadata.labels?.['app.kubernetes.io/managed-by'] === 'kflow';
}

/** Whether an install into this namespace created the object and may remove it. Objects in other namespaces are never removed. */
export function isOfInstall(object: KubeObject, namespace: string): boolean {
  const { namespace: own, labels } = object.metadata;
  if (!isManaged(object) || object.kind === 'Namespace') return false;
  return own === undefined ? labels?.[INSTALLED_FOR] === namespace : own === namespace;
}

/** Whether it is a cluster-scoped object of an install into another namespace. */
export function isOfAnother({ metadata: { namespace: own, labels } }: KubeObject, namespace: string): boolean {
  const madeFor = labels?.[INSTALLED_FOR];
  return own === undefined && madeFor !== undefined && madeFor !== namespace;
}

/** Labels a cluster-scoped object with the install's namespace. */
export function withInstall<T extends KubeObject>(object: T, namespace: string): T {
  const { metadata, kind } = object;
  if (metadata.namespace !== undefined || kind === 'Namespace') return object;
  return { ...object, metadata: { ...metadata, labels: { ...metadata.labels, [INSTALLED_FOR]: namespace } } };
}

/** Adds the list of the other objects to the DaemonSet, unless that is only its namespace. */
export function withInventory(agents: DaemonSetObject, others: readonly KubeObject[]): DaemonSetObject {
  const namespace = agents.metadata.namespace;
  const reported = others.filter(({ kind, metadata }) => kind !== 'Namespace' || metadata.name !== namespace);
  if (reported.length === 0) return agents;
  const inventory = JSON.stringify(
    reported.map(({ apiVersion, kind, metadata }) => ({
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
 * The objects that were installed with a DaemonSet and may be removed with it: objects of its own namespace, and cluster-scoped
 * ones. Anyone who can write to the namespace can change the annotation: so it never refers to another namespace, to a
 * namespace itself, or to anything that is not an object. An invalid annotation counts as empty.
 */
export function readInventory(agents: KubeObject): readonly ObjectRef[] {
  let listed: unknown;
  try {
    listed = JSON.parse(agents.metadata.annotations?.[INVENTORY] ?? '[]');
  } catch {
    return [];
  }
  return (LISTED(listed) ?? [])
    .filter(({ kind, namespace = agents.metadata.namespace }) => {
      return kind !== 'Namespace' && namespace === agents.metadata.namespace;
    })
    .slice(0, MAX_INSTALLED_OBJECTS)
    .map(({ apiVersion, kind, name, namespace }) => ({
      apiVersion,
      kind,
      metadata: { name, ...(namespace === undefined ? {} : { namespace }) },
    }));
}

/** An object in the annotation. Names must be valid in Kubernetes, because they become parts of a path. */
interface Listed {
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
  readonly namespace?: string;
}

const API_VERSION = /^(?:[a-z0-9][a-z0-9.-]{0,252}\/)?v[0-9]{1,9}(?:(?:alpha|beta)[0-9]{1,9})?$/;
const KIND = /^[A-Z][A-Za-z0-9]{0,62}$/;
/** Also names of roles, such as "system:node". */
const NAME = /^[A-Za-z0-9][A-Za-z0-9.:_-]{0,252}$/;

const LISTED = list((entry: unknown): Listed | undefined => {
  if (!isRecord(entry)) return undefined;
  const { apiVersion, kind, name, namespace } = entry;
  if (typeof apiVersion !== 'string' || !API_VERSION.test(apiVersion)) return undefined;
  if (typeof kind !== 'string' || !KIND.test(kind)) return undefined;
  if (typeof name !== 'string' || !NAME.test(name)) return undefined;
  if (namespace === undefined) return { apiVersion, kind, name };
  return typeof namespace === 'string' ? { apiVersion, kind, name, namespace } : undefined;
});

export function isSameObject(a: ObjectRef, b: ObjectRef): boolean {
  return (
    apiGroup(a) === apiGroup(b) &&
    a.kind === b.kind &&
    a.metadata.name === b.metadata.name &&
    a.metadata.namespace === b.metadata.namespace
  );
}

/** "daemonset.apps/kflow-daemon in namespace kflow" */
export function describeObject(object: ObjectRef): string {
  const group = apiGroup(object);
  const { name, namespace } = object.metadata;
  const kind = object.kind.toLowerCase() + (group === '' ? '' : `.${group}`);
  return `${kind}/${name}${namespace === undefined ? '' : ` in namespace ${namespace}`}`;
}

export function apiGroup({ apiVersion }: { readonly apiVersion: string }): string {
  return apiVersion.includes('/') ? apiVersion.slice(0, apiVersion.indexOf('/')) : '';
}

/**
 * Whether an object prevents the deletion of its namespace: all except those that Kubernetes or OpenShift create in every namespace.
 */
export function blocksNamespaceDeletion(
  resource: string,
  { name, annotations }: ObjectMeta,
  isOpenShift: boolean,
): boolean {
  const isMade = (account: string) => account === 'default' || (isOpenShift && OPENSHIFT_ACCOUNTS.has(account));
  switch (resource) {
    case 'configmaps':
      return name !== 'kube-root-ca.crt' && name !== 'openshift-service-ca.crt';
    case 'rolebindings':
      return !(isOpenShift && OPENSHIFT_BINDINGS.has(name));
    case 'serviceaccounts':
      return !isMade(name);
    case 'secrets':
      return !ACCOUNT_OF_SECRET.some((key) => {
        const account = annotations?.[key];
        return account !== undefined && isMade(account) && SECRET_SUFFIX.test(name.slice(account.length));
      });
    default:
      return true;
  }
}

/** The second is OpenShift's, as are the bindings. */
const ACCOUNT_OF_SECRET = [
  'kubernetes.io/service-account.name',
  'openshift.io/internal-registry-auth-token.service-account',
];
/** "default-token-x7k2p": any user may annotate a secret, but only the control plane uses these names. */
const SECRET_SUFFIX = /^-(?:token|dockercfg)-[a-z0-9]{5}$/;
const OPENSHIFT_BINDINGS = new Set(['system:deployers', 'system:image-builders', 'system:image-pullers']);
const OPENSHIFT_ACCOUNTS = new Set(['builder', 'deployer']);
