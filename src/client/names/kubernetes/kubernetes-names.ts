import { asyncScheduler, merge, Observable, share, tap, throttleTime } from 'rxjs';
import { type CleanText, cleanSentence } from '../../format/sanitize.ts';
import type { KubeClient } from '../../kubernetes/config.ts';
import type { NameResolver } from '../name-resolver.ts';
import { AddressResolver } from './address-resolver.ts';
import { decodeEndpointSlice, decodeNode, decodePod, decodeService } from './objects.ts';
import { informWithFallback, type ResourceHandlers, type SyncScope } from './resource-informer.ts';
import { ServiceBackends } from './service-backends.ts';

/** Names change in bursts: a rollout, the first lists. */
const CHANGE_INTERVAL_MS = 250;
/** The resources that give names to addresses. */
const NAMING = ['pods', 'services', 'nodes'];
const SLICES = 'endpointslices';

/**
 * Names from the cluster's pods, nodes and services, which are watched, read-only, while `changed$` is subscribed to; and
 * services without endpoints. It needs list and watch on pods, services, nodes and endpointslices
 * (ClusterRole). Missing permissions are reported in one notice, and the addresses stay without names. Ports are ignored: a
 * hostNetwork pod has its node's address, and is named as the node.
 */
export function kubernetesResolver(kube: KubeClient): NameResolver {
  const names = new AddressResolver();
  const backends = new ServiceBackends();
  const reaches = new Map<string, SyncScope>();
  const changed$ = new Observable<void>((subscriber) => {
    const tell = (changed: boolean) => {
      if (changed) subscriber.next();
    };
    const pods: ResourceHandlers<NonNullable<ReturnType<typeof decodePod>>> = {
      resource: 'pods',
      project: decodePod,
      put: (pod) => {
        backends.putPod(pod);
        tell(names.putPod(pod));
      },
      remove: (pod) => {
        backends.removePod(pod);
        tell(names.removePod(pod));
      },
    };
    const services: ResourceHandlers<NonNullable<ReturnType<typeof decodeService>>> = {
      resource: 'services',
      project: decodeService,
      put: (service) => {
        backends.putService(service);
        tell(names.putService(service));
      },
      remove: (service) => {
        backends.removeService(service);
        tell(names.removeService(service));
      },
    };
    const nodes: ResourceHandlers<NonNullable<ReturnType<typeof decodeNode>>> = {
      resource: 'nodes',
      project: decodeNode,
      put: (node) => tell(names.putNode(node)),
      remove: (node) => tell(names.removeNode(node)),
    };
    const slices: ResourceHandlers<NonNullable<ReturnType<typeof decodeEndpointSlice>>> = {
      resource: SLICES,
      group: '/apis/discovery.k8s.io/v1',
      project: decodeEndpointSlice,
      put: (slice) => backends.putSlice(slice),
      remove: (slice) => backends.removeSlice(slice),
    };
    const follows = [
      informWithFallback(kube, pods, kube.namespace),
      informWithFallback(kube, services, kube.namespace),
      informWithFallback(kube, nodes, undefined),
      informWithFallback(kube, slices, kube.namespace),
    ];
    return merge(...follows)
      .pipe(
        tap((reach) => {
          reaches.set(reach.resource, reach);
          names.complete = isComplete(reaches);
        }),
      )
      .subscribe(() => subscriber.next());
  }).pipe(throttleTime(CHANGE_INTERVAL_MS, asyncScheduler, { leading: true, trailing: true }), share());
  return {
    endpoint: (address, at, since) => names.endpoint(address, at, since),
    service: (address, port, protocol, at, since) => names.service(address, port, protocol, at, since),
    owners: (address) => names.owners(address),
    changed$,
    get pending() {
      return NAMING.some((resource) => (reaches.get(resource)?.extent ?? 'waiting') === 'waiting');
    },
    get servicesWithoutEndpoints() {
      // A Service can only be judged if all endpoints of its namespace are known.
      const isKnown = (resource: string) => ['all', 'part'].includes(reaches.get(resource)?.extent ?? 'waiting');
      return isKnown('services') && isKnown(SLICES)
        ? backends.withoutEndpoints.filter(isWithin(reaches.get(SLICES)))
        : [];
    },
    get localGaps() {
      const isKnown = (resource: string) => reaches.get(resource)?.extent === 'all';
      return isKnown('services') && isKnown('pods') && isKnown(SLICES) ? backends.localGaps : [];
    },
    get notices() {
      return permissionNotices([...reaches.values()]);
    },
  };
}

/** Whether all endpoints of the Service's namespace are known. */
function isWithin(reach: SyncScope | undefined): (service: string) => boolean {
  return (service) => reach?.extent === 'all' || service.startsWith(`${reach?.namespace}/`);
}

/** If nodes may not be listed, they are known from the pods that run on them. */
function isComplete(reaches: ReadonlyMap<string, SyncScope>): boolean {
  const extent = (resource: string) => reaches.get(resource)?.extent ?? 'waiting';
  return extent('pods') === 'all' && extent('services') === 'all' && extent('nodes') !== 'waiting';
}

export function permissionNotices(reaches: readonly SyncScope[]): CleanText[] {
  return [...unreadNotices(reaches), ...forbiddenNotices(reaches)];
}

function unreadNotices(reaches: readonly SyncScope[]): CleanText[] {
  const unread = reaches.filter(({ extent }) => extent === 'failed');
  const reasons = new Set(unread.map(({ error }) => error?.message ?? ''));
  return [...reasons].map((reason) => {
    const resources = unread.filter(({ error }) => (error?.message ?? '') === reason).map(({ resource }) => resource);
    return cleanSentence(`no names for ${resources.join(', ')}: ${reason}`);
  });
}

function forbiddenNotices(reaches: readonly SyncScope[]): CleanText[] {
  const short = reaches.filter(({ extent }) => extent === 'refused' || extent === 'part');
  if (short.length === 0) return [];
  const unnamed = short
    .filter(({ resource }) => NAMING.includes(resource))
    .map(({ resource, extent, namespace }) =>
      extent === 'part' ? `${resource} outside namespace ${namespace}` : resource,
    );
  const lost = unnamed.length > 0 ? `no names for ${unnamed.join(', ')}` : 'services without endpoints are not shown';
  const user = /user "[^"]*"/.exec(short[0]?.error?.message ?? '')?.[0] ?? 'this user';
  const lacking = short.map(({ resource }) => resource).join(', ');
  const help = unnamed.length > 0 ? 'name them' : 'do';
  return [
    cleanSentence(
      `${lost}: ${user} may not list them; a ClusterRole with verbs list and watch on ${lacking} would ${help}`,
    ),
  ];
}
