import { isDeepStrictEqual } from 'node:util';
import type { RequiredPermission } from '../kubernetes/permissions.ts';
import { adaptToServerVersion, type PreparedManifest } from './customize.ts';
import {
  describeObject,
  isManaged,
  isOfAnother,
  isOfInstall,
  isSameObject,
  type ObjectRef,
  readInventory,
  withInstall,
  withInventory,
} from './inventory.ts';
import type { DaemonSetObject, KubeObject } from './manifest.ts';
import { type ObjectClient, permissionFor } from './object-client.ts';
import { type Manager, managerOf } from './object-manager.ts';

export interface Planned {
  readonly object: KubeObject;
  readonly existing: KubeObject | undefined;
  /** "daemonsets" */
  readonly resource: string;
}

/** The changes of an install, from read-only requests. */
export interface InstallPlan {
  /** In the order to apply them: the namespace first, the agents last. */
  readonly applied: readonly Planned[];
  /** The same, including managed objects, in that order. */
  readonly wanted: readonly KubeObject[];
  readonly agents: DaemonSetObject;
  /** Objects of an earlier install that this one does not contain. */
  readonly pruned: readonly KubeObject[];
  /** Objects with these names that kflow did not create. With one of them nothing is applied. */
  readonly conflicts: readonly KubeObject[];
  /** Objects that a tool such as Argo CD manages: they are not changed. If the agents are among them, nothing is applied. */
  readonly managed: readonly Managed[];
  /** The namespace, if kflow did not create it: it is not changed. */
  readonly preexistingNamespace?: KubeObject;
}

export interface Managed {
  readonly object: KubeObject;
  readonly by: Manager;
}

export type Outcome = 'created' | 'configured' | 'unchanged' | 'deleted';

/** Every permission that an install may need; `planInstall` only needs `get`. */
export async function requiredPermissions(
  api: ObjectClient,
  wanted: PreparedManifest,
  wait: boolean,
): Promise<RequiredPermission[]> {
  const objects = [wanted.namespace, ...wanted.others, wanted.agents];
  const needs = await Promise.all(
    objects.map(async (object) => {
      const on = {
        ...permissionFor(await api.resource(object), object.metadata.namespace),
        name: object.metadata.name,
      };
      return ['get', 'create', 'patch'].map((verb): RequiredPermission => ({ verb, ...on }));
    }),
  );
  const namespace = wanted.namespace.metadata.name;
  return [...needs.flat(), ...(wait ? [{ verb: 'list', resource: 'pods', namespace }] : [])];
}

export async function planInstall(api: ObjectClient, wanted: PreparedManifest): Promise<InstallPlan> {
  const namespace = wanted.namespace.metadata.name;
  const settled = await Promise.all(wanted.others.map((object) => api.settled(object)));
  const others = settled.map((object) => withInstall(object, namespace));
  const served = adaptToServerVersion(wanted.agents, await api.minor());
  const agents = withInventory(served, others);
  const objects = [wanted.namespace, ...others, agents];
  const found = await Promise.all(objects.map((object) => api.read(object)));
  const resources = await Promise.all(objects.map((object) => api.resource(object)));
  const all = objects.map((object, index) => ({
    object,
    existing: found[index],
    resource: resources[index]?.name ?? '',
  }));
  const [home, ...rest] = all;
  const preexistingNamespace = home?.existing !== undefined && !isManaged(home.existing) ? home.existing : undefined;
  const before = found.at(-1);
  const dropped = before === undefined || !isManaged(before) ? [] : await findPruned(api, before, objects, namespace);
  const own = preexistingNamespace === undefined ? all : rest;
  const managed = findManaged([...own.flatMap(({ existing }) => existing ?? []), ...dropped]);
  const isLeft = (object: ObjectRef) => managed.some((one) => isSameObject(one.object, object));
  return {
    applied: own.filter(({ object }) => !isLeft(object)),
    wanted: own.map(({ object }) => object),
    agents,
    pruned: dropped.filter((object) => !isLeft(object)),
    managed,
    conflicts: rest.flatMap(({ existing }) =>
      existing === undefined || isLeft(existing) || (isManaged(existing) && !isOfAnother(existing, namespace))
        ? []
        : [existing],
    ),
    ...(preexistingNamespace === undefined ? {} : { preexistingNamespace }),
  };
}

/** The objects that a tool manages. */
export function findManaged(objects: readonly KubeObject[]): Managed[] {
  return objects.flatMap((object) => {
    const by = managerOf(object);
    return by === undefined ? [] : [{ object, by }];
  });
}

/** Whether this plan needs a permission: existing objects need no `create`. */
export function isRequired(plan: InstallPlan, { verb, resource, name }: RequiredPermission): boolean {
  if (resource === 'namespaces' && name === plan.preexistingNamespace?.metadata.name) return false;
  if (verb !== 'create' && verb !== 'patch') return true;
  const planned = plan.applied.find((one) => one.resource === resource && one.object.metadata.name === name);
  return planned !== undefined && (verb === 'patch' || planned.existing === undefined);
}

/** Applies the plan in order and reports each object; a dry run changes nothing. Returns the resulting DaemonSet. */
export async function applyPlan(
  api: ObjectClient,
  plan: InstallPlan,
  dryRun: boolean,
  tell: (object: ObjectRef, outcome: Outcome) => void,
): Promise<KubeObject> {
  const madeNamespaces = new Set<string>();
  let agents: KubeObject = plan.agents;
  for (const { object, existing } of plan.applied) {
    const { kind, metadata } = object;
    if (kind === 'Namespace' && existing === undefined) madeNamespaces.add(metadata.name);
    // A dry run is not possible in a namespace that does not exist yet.
    const isDryRunImpossible = dryRun && madeNamespaces.has(metadata.namespace ?? '');
    const result = isDryRunImpossible ? object : await api.apply(object, dryRun);
    if (object === plan.agents) agents = result;
    tell(object, existing === undefined ? 'created' : isSame(existing, result) ? 'unchanged' : 'configured');
  }
  for (const object of plan.pruned) if (await api.remove(object, dryRun)) tell(object, 'deleted');
  return agents;
}

/** The Pod Security level of a namespace, if it does not admit hostPath. */
export function podSecurityLevel(namespace: KubeObject): string | undefined {
  const level = namespace.metadata.labels?.['pod-security.kubernetes.io/enforce'];
  return level === 'baseline' || level === 'restricted' ? level : undefined;
}

async function findPruned(api: ObjectClient, before: KubeObject, objects: readonly KubeObject[], namespace: string) {
  const gone = readInventory(before).filter((listed) => !objects.some((object) => isSameObject(object, listed)));
  return (await api.readExisting(gone)).filter((object) => isOfInstall(object, namespace));
}

/** Whether two states of an object are equal, except for fields that the server sets. */
function isSame(before: KubeObject, after: KubeObject): boolean {
  return isDeepStrictEqual(describeLevel(before), describeLevel(after));
}

function describeLevel({ metadata, status: _, ...rest }: KubeObject) {
  const { managedFields, resourceVersion, generation, ...reported } = metadata;
  return { ...rest, metadata: reported };
}

/** "daemonset.apps/kflow-daemon in namespace kflow created (dry run)" */
export function describeOutcome(object: ObjectRef, outcome: Outcome, dryRun: boolean): string {
  return `${describeObject(object)} ${outcome}${dryRun ? ' (dry run)' : ''}`;
}

/** "daemonset.apps/kflow-daemon in namespace kflow is managed by Argo CD" */
export function describeManaged({ object, by }: Managed): string {
  return `${describeObject(object)} is managed by ${by}`;
}
