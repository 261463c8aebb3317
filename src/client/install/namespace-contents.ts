import { KubeError } from '../kubernetes/errors.ts';
import { apiGroup, blocksNamespaceDeletion } from './inventory.ts';
import type { ObjectMeta } from './manifest.ts';
import type { ObjectClient, Resource } from './object-client.ts';

const MAX_CONCURRENT = 8;
/** An API group that only OpenShift has. */
const OPENSHIFT_GROUP = 'route.openshift.io/';

export interface NamespaceContents {
  /** "configmaps/settings": some of the objects that would be deleted with the namespace. */
  readonly others: readonly string[];
  /** Why some kinds could not be listed. */
  readonly unseen: readonly string[];
}

/**
 * Lists a namespace's objects, without Kubernetes' default objects and those that are deleted with `owners` (uids). It lists
 * every kind that the cluster has, because all objects in a namespace are deleted with it.
 */
export async function listNamespaceContents(
  api: ObjectClient,
  namespace: string,
  owners: ReadonlySet<string>,
): Promise<NamespaceContents> {
  const unseen: string[] = [];
  const look = async <T>(what: Promise<T>): Promise<T | undefined> => {
    try {
      return await what;
    } catch (error) {
      if (!(error instanceof KubeError)) throw error;
      unseen.push(error.message);
      return undefined;
    }
  };
  const versions = await api.groupVersions();
  const isOpenShift = versions.some((version) => version.startsWith(OPENSHIFT_GROUP));
  const perVersion = await inBatches(versions, (version) => look(api.resources(version)));
  const resources = oncePerKind(perVersion.flatMap((list) => list ?? []).filter(isLookedAt));
  const lists = await inBatches(resources, (resource) => look(api.listMetadata(resource, namespace)));

  const found = lists.flatMap((list, index) =>
    (list ?? []).map((metadata) => ({ resource: resources[index]?.name ?? '', metadata })),
  );
  const gone = new Set(owners);
  // Ownership is transitive.
  for (let before = -1; before !== gone.size; ) {
    before = gone.size;
    for (const { metadata } of found) if (isOwned(metadata, gone) && metadata.uid) gone.add(metadata.uid);
  }
  const others = found
    .filter(
      ({ resource, metadata }) =>
        !gone.has(metadata.uid ?? '') && blocksNamespaceDeletion(resource, metadata, isOpenShift),
    )
    .map(({ resource, metadata }) => `${resource}/${metadata.name}`);
  return { others: [...new Set(others)], unseen };
}

/** Virtual resources that are not stored in the namespace: metrics of its pods, OpenShift's catalogue of packages. */
const VIEWS = ['metrics.k8s.io/', 'packages.operators.coreos.com/'];

function isLookedAt({ name, namespaced, verbs, apiVersion }: Resource): boolean {
  // Events are only history.
  return (
    namespaced && verbs.includes('list') && name !== 'events' && !VIEWS.some((view) => apiVersion.startsWith(view))
  );
}

/** Keeps one version of each kind, because all versions have the same objects. A kind may exist only in a version that is not preferred. */
function oncePerKind(resources: readonly Resource[]): Resource[] {
  const byKind = new Map<string, Resource>();
  for (const resource of resources) {
    const kind = `${apiGroup(resource)}/${resource.name}`;
    if (!byKind.has(kind)) byKind.set(kind, resource);
  }
  return [...byKind.values()];
}

/** An object stays as long as one of its owners stays. */
function isOwned({ ownerReferences = [] }: ObjectMeta, owners: ReadonlySet<string>): boolean {
  return ownerReferences.length > 0 && ownerReferences.every(({ uid }) => owners.has(uid));
}

async function inBatches<T, R>(items: readonly T[], act: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  for (let start = 0; start < items.length; start += MAX_CONCURRENT) {
    results.push(...(await Promise.all(items.slice(start, start + MAX_CONCURRENT).map(act))));
  }
  return results;
}
