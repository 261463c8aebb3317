import { KubeError } from '../kubernetes/errors.ts';
import { apiGroup, blocksNamespaceDeletion } from './inventory.ts';
import type { ObjectMeta } from './manifest.ts';
import type { ObjectClient, Resource } from './object-client.ts';

const MAX_CONCURRENT = 8;
/** A group that OpenShift has, and nobody else. */
const OPENSHIFT_GROUP = 'route.openshift.io/';

export interface NamespaceContents {
  /** "configmaps/settings": what would be lost with the namespace. A few of them. */
  readonly others: readonly string[];
  /** Why some kinds could not be looked at. */
  readonly unseen: readonly string[];
}

/**
 * What is in a namespace beside Kubernetes' own furniture and the objects that go with `owners` (uids). It asks for
 * every kind that the cluster has, because whatever is in a namespace goes with it.
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
  // What is owned by something that is owned goes, too.
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

/** They show in every namespace what is in none of it: metrics of its pods, OpenShift's catalogue of packages. */
const VIEWS = ['metrics.k8s.io/', 'packages.operators.coreos.com/'];

function isLookedAt({ name, namespaced, verbs, apiVersion }: Resource): boolean {
  // Events tell of what was.
  return (
    namespaced && verbs.includes('list') && name !== 'events' && !VIEWS.some((view) => apiVersion.startsWith(view))
  );
}

/** A kind in several versions is the same objects. One that only a version has that is not preferred has them as well. */
function oncePerKind(resources: readonly Resource[]): Resource[] {
  const byKind = new Map<string, Resource>();
  for (const resource of resources) {
    const kind = `${apiGroup(resource)}/${resource.name}`;
    if (!byKind.has(kind)) byKind.set(kind, resource);
  }
  return [...byKind.values()];
}

/** With one owner that stays, an object stays. */
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
