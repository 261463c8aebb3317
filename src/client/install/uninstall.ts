import { listSome } from '../format/list.ts';
import type { RequiredPermission } from '../kubernetes/permissions.ts';
import { MAX_INSTALLED_OBJECTS } from '../model/limits.ts';
import { findManaged, type Managed } from './install.ts';
import { isManaged, isOfInstall, MANAGED_BY_SELECTOR, readInventory } from './inventory.ts';
import { isAgentDaemonSet, type KubeObject } from './manifest.ts';
import { listNamespaceContents } from './namespace-contents.ts';
import { type ObjectClient, permissionFor } from './object-client.ts';

const DAEMON_SETS = { apiVersion: 'apps/v1', kind: 'DaemonSet' };
const SELECTOR = `?labelSelector=${encodeURIComponent(MANAGED_BY_SELECTOR)}`;

/** The removals of an uninstall, from read-only requests. */
export interface RemovalPlan {
  /** In order: the agents first, the namespace last. */
  readonly objects: readonly KubeObject[];
  /** Objects that a tool such as Argo CD would apply again: they are not removed. If the agents are among them, nothing is removed. */
  readonly managed: readonly Managed[];
  /** Why the namespace stays, although an install created it. */
  readonly namespaceKept?: string;
  /** Objects that an earlier uninstall deleted, and that still terminate. */
  readonly ending: readonly KubeObject[];
}

/** Finds the objects of installs into a namespace: their DaemonSets, the objects in their inventories, and the namespace if nothing else is in it. */
export async function planRemoval(api: ObjectClient, namespace: string): Promise<RemovalPlan> {
  const daemonSets = (await api.list(await api.resource(DAEMON_SETS), namespace)).filter(isAgentDaemonSet);
  const all = daemonSets.filter(isManaged);
  const made = all.filter((object) => !isEnding(object));
  const home = await api.read({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } });
  const ending = [...all, ...(home === undefined ? [] : [home])].filter(isEnding);
  const listed = await api.readExisting(made.flatMap(readInventory).slice(0, MAX_INSTALLED_OBJECTS));
  const others = listed.filter((object) => isOfInstall(object, namespace));
  const own = [...made, ...others.toReversed()];
  const managedAgents = findManaged(daemonSets);
  // Objects of agents that stay are kept.
  if (managedAgents.length > 0) return { objects: [], ending, managed: managedAgents };
  const managed = findManaged([...own, ...(home !== undefined && isManaged(home) ? [home] : [])]);
  const isLeft = (object: KubeObject) => managed.some((one) => one.object === object);
  const objects = own.filter((object) => !isLeft(object));
  // All objects of a terminating namespace are deleted with it.
  if (home === undefined || !isManaged(home) || isEnding(home) || isLeft(home)) return { objects, ending, managed };
  const removed = new Set(objects.flatMap(({ metadata }) => metadata.uid ?? []));
  const { others: left, unseen } = await listNamespaceContents(api, namespace, removed);
  if (left.length > 0) return { objects, ending, managed, namespaceKept: `it also has ${listSome(left)}` };
  if (unseen.length > 0)
    return { objects, ending, managed, namespaceKept: `its other content is not known: ${listSome(unseen)}` };
  return { objects: [...objects, home], ending, managed };
}

function isEnding({ metadata }: KubeObject): boolean {
  return metadata.deletionTimestamp !== undefined;
}

/** The DaemonSets of installs in a namespace, or (undefined) in all. */
export async function findInstalls(api: ObjectClient, namespace: string | undefined): Promise<KubeObject[]> {
  return (await api.list(await api.resource(DAEMON_SETS), namespace, SELECTOR)).filter(isAgentDaemonSet);
}

export async function removalPermissions(api: ObjectClient, plan: RemovalPlan): Promise<RequiredPermission[]> {
  return Promise.all(
    plan.objects.map(async (object) => {
      const { name, namespace } = object.metadata;
      return { verb: 'delete', ...permissionFor(await api.resource(object), namespace), name };
    }),
  );
}
