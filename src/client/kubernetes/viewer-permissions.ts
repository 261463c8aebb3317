import type { RequiredPermission } from './permissions.ts';

/** Their objects give names to addresses. */
const NAMED: readonly Omit<RequiredPermission, 'verb'>[] = [
  { resource: 'pods' },
  { resource: 'services' },
  { resource: 'nodes' },
  { resource: 'endpointslices', group: 'discovery.k8s.io' },
];

/**
 * Everything that a user needs to watch agents with kflow: to find them in the namespaces that are searched, to reach those in
 * `agentNamespaces` by port-forward, and to name addresses.
 */
export function viewerPermissions(
  searchedNamespaces: readonly string[],
  agentNamespaces: readonly string[],
): RequiredPermission[] {
  const search = searchedNamespaces.flatMap((namespace) => listAndWatch({ resource: 'pods', namespace }));
  return [...search, ...agentNamespaces.map(portForwardPermission), ...NAMED.flatMap(listAndWatch)];
}

/** What a port-forward to a pod there needs. */
export function portForwardPermission(namespace: string): RequiredPermission {
  return { verb: 'create', resource: 'pods/portforward', namespace };
}

/** Nothing is shown without it: agents are found in their namespaces and reached there; everywhere else pods only have names. */
export function isEssential({ verb, resource, namespace }: RequiredPermission): boolean {
  return verb === 'create' || (verb === 'list' && resource === 'pods' && namespace !== undefined);
}

function listAndWatch(need: Omit<RequiredPermission, 'verb'>): RequiredPermission[] {
  return ['list', 'watch'].map((verb) => ({ verb, ...need }));
}
