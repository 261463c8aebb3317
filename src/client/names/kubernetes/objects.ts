import { kubernetesName } from '../../format/kubernetes-name.ts';
import type { CleanText } from '../../format/sanitize.ts';
import { flag, list, map, number, type Read, record, shortText, text, uid } from '../../kubernetes/json-readers.ts';
import { findWorkload, type Workload } from './workload.ts';

/** The part of a Pod that is kept. */
export interface PodInfo {
  readonly uid: string;
  readonly namespace: CleanText;
  readonly name: CleanText;
  readonly node?: CleanText;
  /** The node's addresses, as the pod knows them. */
  readonly hostAddresses: readonly string[];
  /** Its own addresses. Empty while it has none, and for a hostNetwork pod. */
  readonly addresses: readonly string[];
  readonly workload?: Workload;
  /** Unix time in milliseconds. `to`: it has ended, and its addresses are free. */
  readonly from: number;
  readonly to?: number;
}

export interface NodeInfo {
  readonly uid: string;
  readonly name: CleanText;
  readonly addresses: readonly string[];
  /** The address ranges of the node's pods. */
  readonly podCidrs: readonly string[];
  /** The network plugin assigns addresses itself: each address of a range may be a pod's. */
  readonly ownAddressing?: true;
}

export interface ServiceInfo {
  readonly uid: string;
  readonly namespace: CleanText;
  readonly name: CleanText;
  readonly addresses: readonly string[];
  /** Its endpoints are the pods that it selects. Absent: its endpoints are set by others. */
  readonly selects?: true;
  readonly ports: readonly { readonly protocol: number; readonly port: number; readonly nodePort?: number }[];
  /** Its traffic stays on its node. */
  readonly local?: true;
  readonly from: number;
}

/** The part of an EndpointSlice that is kept: some of a Service's endpoints. */
export interface EndpointSliceInfo {
  readonly uid: string;
  readonly namespace: CleanText;
  /** The service's name. */
  readonly service: CleanText;
  /** Endpoints that receive connections. */
  readonly ready: number;
  /** Their nodes. */
  readonly nodes: readonly CleanText[];
}

/** Limits per object. Kubernetes' own objects have a few of each, and a slice 1,000 endpoints. */
const MAX_ADDRESSES = 64;
const MAX_PORTS = 1_000;
const MAX_ENDPOINTS = 10_000;
/** An address, or a range of them: 49 characters at most. */
const address = shortText(64);

const META = {
  uid,
  name: text,
  namespace: text,
  creationTimestamp: text,
  labels: map(text),
  annotations: map(text),
  ownerReferences: list(record({ kind: text, name: text, controller: flag })),
};

const POD = record({
  metadata: record(META),
  spec: record({ nodeName: text, hostNetwork: flag }),
  status: record({
    phase: text,
    startTime: text,
    podIP: address,
    podIPs: list(record({ ip: address }), MAX_ADDRESSES),
    hostIP: address,
    hostIPs: list(record({ ip: address }), MAX_ADDRESSES),
    containerStatuses: list(record({ state: record({ terminated: record({ finishedAt: text }) }) })),
  }),
});

const NODE = record({
  metadata: record(META),
  spec: record({ podCIDR: address, podCIDRs: list(address, MAX_ADDRESSES) }),
  status: record({ addresses: list(record({ type: text, address }), MAX_ADDRESSES) }),
});

const SERVICE = record({
  metadata: record(META),
  spec: record({
    clusterIP: text,
    type: text,
    selector: map(text),
    clusterIPs: list(address, MAX_ADDRESSES),
    externalIPs: list(address, MAX_ADDRESSES),
    internalTrafficPolicy: text,
    ports: list(record({ protocol: text, port: number, nodePort: number }), MAX_PORTS),
  }),
  status: record({ loadBalancer: record({ ingress: list(record({ ip: address }), MAX_ADDRESSES) }) }),
});

const SLICE = record({
  metadata: record(META),
  endpoints: list(record({ nodeName: text, conditions: record({ ready: flag, serving: flag }) }), MAX_ENDPOINTS),
});

const PROTOCOLS: Readonly<Record<string, number>> = { TCP: 6, UDP: 17, SCTP: 132 };

/** Annotations in which network plugins store more addresses of a node: of its tunnels and its bridge. */
const NODE_ADDRESS_ANNOTATIONS = [
  'projectcalico.org/IPv4IPIPTunnelAddr',
  'projectcalico.org/IPv4VXLANTunnelAddr',
  'projectcalico.org/IPv6VXLANTunnelAddr',
  'projectcalico.org/IPv4WireguardInterfaceAddr',
  'network.cilium.io/ipv4-cilium-host',
  'network.cilium.io/ipv6-cilium-host',
];

/** Calico and Cilium. */
const OWN_ADDRESSING = /^(projectcalico\.org|network\.cilium\.io)\//;

export function decodePod(object: unknown): PodInfo | undefined {
  const { metadata, spec, status } = POD(object) ?? {};
  const [namespace, name] = [kubernetesName(metadata?.namespace), kubernetesName(metadata?.name)];
  if (!metadata?.uid || name === undefined || namespace === undefined) return undefined;
  const hostAddresses = addresses([status?.hostIP, ...(status?.hostIPs ?? []).map(({ ip }) => ip)]);
  const node = kubernetesName(spec?.nodeName);
  const workload = findWorkload(metadata.ownerReferences ?? [], metadata.labels ?? {});
  const ended = status?.phase === 'Succeeded' || status?.phase === 'Failed';
  return {
    uid: metadata.uid,
    namespace,
    name,
    ...(node === undefined ? {} : { node }),
    hostAddresses,
    addresses: spec?.hostNetwork ? [] : addresses([status?.podIP, ...(status?.podIPs ?? []).map(({ ip }) => ip)]),
    ...(workload === undefined ? {} : { workload }),
    from: time(status?.startTime) ?? time(metadata.creationTimestamp) ?? 0,
    ...(ended ? { to: lastEnd(status) ?? Date.now() } : {}),
  };
}

function lastEnd(status: NonNullable<Read<typeof POD>>['status']): number | undefined {
  const ends = (status?.containerStatuses ?? []).flatMap(({ state }) => time(state?.terminated?.finishedAt) ?? []);
  return ends.length > 0 ? Math.max(...ends) : undefined;
}

export function decodeNode(object: unknown): NodeInfo | undefined {
  const { metadata, spec, status } = NODE(object) ?? {};
  const name = kubernetesName(metadata?.name);
  if (!metadata?.uid || name === undefined) return undefined;
  const own = (status?.addresses ?? []).filter(({ type }) => type?.endsWith('IP')).map(({ address }) => address);
  const noted = NODE_ADDRESS_ANNOTATIONS.map((key) => metadata.annotations?.[key]?.split('/')[0]);
  return {
    uid: metadata.uid,
    name,
    addresses: addresses([...own, ...noted]),
    podCidrs: addresses([spec?.podCIDR, ...(spec?.podCIDRs ?? [])]),
    ...(Object.keys(metadata.annotations ?? {}).some((key) => OWN_ADDRESSING.test(key)) ? { ownAddressing: true } : {}),
  };
}

export function decodeService(object: unknown): ServiceInfo | undefined {
  const { metadata, spec, status } = SERVICE(object) ?? {};
  const [namespace, name] = [kubernetesName(metadata?.namespace), kubernetesName(metadata?.name)];
  if (!metadata?.uid || name === undefined || namespace === undefined) return undefined;
  const cluster = [spec?.clusterIP, ...(spec?.clusterIPs ?? [])].filter((ip) => ip !== 'None');
  const balanced = (status?.loadBalancer?.ingress ?? []).map(({ ip }) => ip);
  return {
    uid: metadata.uid,
    namespace,
    name,
    addresses: addresses([...cluster, ...(spec?.externalIPs ?? []), ...balanced]),
    ...(spec?.type !== 'ExternalName' && Object.keys(spec?.selector ?? {}).length > 0 ? { selects: true } : {}),
    ...(spec?.internalTrafficPolicy === 'Local' ? { local: true } : {}),
    ports: (spec?.ports ?? []).flatMap(({ protocol, port, nodePort }) =>
      port === undefined
        ? []
        : [{ protocol: PROTOCOLS[protocol ?? 'TCP'] ?? 0, port, ...(nodePort ? { nodePort } : {}) }],
    ),
    from: time(metadata.creationTimestamp) ?? 0,
  };
}

export function decodeEndpointSlice(object: unknown): EndpointSliceInfo | undefined {
  const { metadata, endpoints } = SLICE(object) ?? {};
  const namespace = kubernetesName(metadata?.namespace);
  const service = kubernetesName(metadata?.labels?.['kubernetes.io/service-name']);
  if (!metadata?.uid || namespace === undefined || service === undefined) return undefined;
  // An endpoint without a ready condition counts as ready.
  const ready = (endpoints ?? []).filter(({ conditions }) => conditions?.ready !== false).length;
  // Without a ready endpoint on the node, terminating endpoints that still serve get the connections.
  const serving = (endpoints ?? []).filter(({ conditions }) => conditions?.ready !== false || conditions.serving);
  const nodes = [...new Set(serving.flatMap(({ nodeName }) => kubernetesName(nodeName) ?? []))];
  return { uid: metadata.uid, namespace, service, ready, nodes };
}

/** Without empty and duplicate items. */
function addresses(texts: readonly (string | undefined)[]): string[] {
  return [...new Set(texts.filter((text): text is string => text !== undefined && text !== ''))];
}

function time(text: string | undefined): number | undefined {
  const milliseconds = text === undefined ? Number.NaN : Date.parse(text);
  return Number.isNaN(milliseconds) ? undefined : milliseconds;
}
