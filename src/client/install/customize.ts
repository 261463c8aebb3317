import { basename } from 'node:path';
import { INSTALL_NAMESPACE } from '../agents/cluster-discovery.ts';
import { CONTROL_PLANE_LABELS } from '../model/control-plane.ts';
import { MANAGED_BY } from './inventory.ts';
import { agentContainer, type DaemonSetObject, isAgentDaemonSet, type KubeObject, type Manifest } from './manifest.ts';
import { OPENSHIFT_SELINUX_TYPE, openshiftObjects, READER_ACCESS } from './openshift.ts';
import { buildReaderDaemonSet, isReader, mountReaderSocket, type ReaderOptions, usesReader } from './reader-objects.ts';

/** Options of an install that override the manifest. Absent: as in the manifest. */
export interface InstallOverrides {
  readonly namespace?: string;
  readonly image?: string;
  /** A path on the node, a path in the agent's container, or "auto". */
  readonly conntrack?: string;
  readonly source?: string;
  /** With the source `netlink`: settings of the nodes that the reader switches on. */
  readonly reader?: ReaderOptions;
  readonly openshift?: boolean;
  readonly selinuxType?: string;
  /** False: no agents on control-plane nodes. */
  readonly controlPlane?: boolean;
}

export interface PreparedManifest {
  readonly ok: true;
  /** The agents' namespace. */
  readonly namespace: KubeObject;
  /** The manifest's other objects; each with a namespace, even if its kind is cluster-scoped. */
  readonly others: readonly KubeObject[];
  readonly agents: DaemonSetObject;
}

const NAMESPACE_NAME = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/;
/** The sources that this version of the agent supports. */
const SOURCE_KINDS = ['auto', 'procfs', 'netlink'];

/** Applies the overrides to the manifest and adds kflow's labels. A failure has a reason for the user. */
export function customize(
  manifest: Manifest,
  overrides: InstallOverrides,
): PreparedManifest | { ok: false; reason: string } {
  const { image, conntrack, source, openshift, selinuxType, controlPlane } = overrides;
  const before = manifest.agents.metadata.namespace;
  const namespace = overrides.namespace ?? before ?? INSTALL_NAMESPACE;
  if (!NAMESPACE_NAME.test(namespace)) return rejected(`"${namespace}" is not a namespace's name`);
  if (image !== undefined && !/^[\w][\w.:/@-]*$/.test(image)) return rejected(`"${image}" is not an image's name`);
  if (source !== undefined && !SOURCE_KINDS.includes(source)) {
    return rejected(`--source is auto, procfs or netlink, not "${source}"`);
  }
  const { accounting = false, timestamps = false } = overrides.reader ?? {};
  if ((accounting || timestamps) && source !== 'netlink') {
    const option = accounting ? '--accounting' : '--timestamps';
    return rejected(
      `${option} requires --source netlink: an agent without a reader cannot change a setting of its node`,
    );
  }
  if (source === 'netlink' && conntrack !== undefined)
    return rejected('--conntrack cannot be combined with --source netlink, which reads no file');

  const objects = manifest.objects
    .filter((object) => source === undefined || !isReader(object))
    .map((object) => withNamespace(withLabels(structuredClone(object)), before, namespace));
  const agents = objects.find(isAgentDaemonSet);
  const container = agents && agentContainer(agents);
  if (agents === undefined || container === undefined) return rejected('the manifest has no agent');
  if (image !== undefined) container.image = image;
  if (conntrack !== undefined) {
    const path = pathInPod(agents, container, conntrack);
    if (path === undefined)
      return rejected(`--conntrack is a path such as /proc/net/nf_conntrack, or "auto"; not "${conntrack}"`);
    setEnvironment(container, 'CONNTRACK_PATH', path);
  }
  if (source !== undefined && source !== 'netlink' && usesReader(agents))
    return rejected(
      `--source ${source}: the agents of this manifest get the table from kflow-reader, and have no /proc/1/net`,
    );
  if (source !== undefined) setEnvironment(container, 'KFLOW_SOURCE', source);
  if (source === 'netlink') mountReaderSocket(agents);
  const type = selinuxType ?? (openshift === true ? OPENSHIFT_SELINUX_TYPE : undefined);
  if (type !== undefined) {
    if (!/^[A-Za-z0-9_.]{1,128}$/.test(type)) return rejected(`"${type}" is not an SELinux type, such as spc_t`);
    container.securityContext = { ...container.securityContext, seLinuxOptions: { type } };
  }
  if (controlPlane === false) leaveOutControlPlane(agents);
  // After what decides on which nodes and as which SELinux type the agents run.
  const reader = source === 'netlink' ? buildReaderDaemonSet(agents, { accounting, timestamps }) : undefined;
  const readerContainer = reader?.spec?.template.spec?.containers[0];
  if (type !== undefined && readerContainer !== undefined)
    readerContainer.securityContext = { ...readerContainer.securityContext, seLinuxOptions: { type } };
  if (openshift === true) {
    objects.push(...admit(agents, namespace));
    if (reader !== undefined) objects.push(...admit(reader, namespace, READER_ACCESS));
  }
  if (reader !== undefined) objects.push(withLabels(reader));

  const own = objects.find(({ kind, metadata }) => kind === 'Namespace' && metadata.name === namespace);
  const home = own ?? namespaceObject(namespace);
  const others = objects.filter((object) => object !== own && object !== agents);
  return { ok: true, namespace: home, others, agents };
}

/** Gives the pods an account of their own and the objects that OpenShift requires to admit them. */
function admit(daemonSet: DaemonSetObject, namespace: string, access?: typeof READER_ACCESS): KubeObject[] {
  const account = daemonSet.metadata.name;
  const pod = daemonSet.spec?.template.spec;
  if (pod !== undefined) pod.serviceAccountName = account;
  return openshiftObjects(account, namespace, access).map(withLabels);
}

/** Adds a node affinity that excludes control-plane nodes. */
function leaveOutControlPlane(agents: DaemonSetObject): void {
  const pod = agents.spec?.template.spec;
  if (pod === undefined) return;
  const away = CONTROL_PLANE_LABELS.map((key) => ({ key, operator: 'DoesNotExist' }));
  const node = pod.affinity?.nodeAffinity;
  const required = node?.requiredDuringSchedulingIgnoredDuringExecution;
  // Terms are alternatives, so each one gets the expressions.
  const terms = (required?.nodeSelectorTerms ?? [{}]).map((term) => ({
    ...term,
    matchExpressions: [...(term.matchExpressions ?? []), ...away],
  }));
  pod.affinity = {
    ...pod.affinity,
    nodeAffinity: { ...node, requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: terms } },
  };
}

/** For an API server of 1.`minor`: an older one rejects an object with an unknown field. */
export function adaptToServerVersion(agents: DaemonSetObject, minor: number): DaemonSetObject {
  if (minor >= 30) return agents;
  const older = structuredClone(agents);
  for (const { volumeMounts } of older.spec?.template.spec?.containers ?? []) {
    for (const mount of volumeMounts ?? []) delete mount.recursiveReadOnly;
  }
  return older;
}

type Container = NonNullable<ReturnType<typeof agentContainer>>;

function withLabels(object: KubeObject): KubeObject {
  const { metadata } = object;
  return { ...object, metadata: { ...metadata, labels: { ...metadata.labels, ...MANAGED_BY } } };
}

/** Objects in the agents' namespace, or without one, move with the agents. */
function withNamespace(object: KubeObject, before: string | undefined, namespace: string): KubeObject {
  const { kind, metadata } = object;
  if (kind === 'Namespace' && metadata.name === before)
    return { ...object, metadata: { ...metadata, name: namespace } };
  if (kind === 'Namespace' || (metadata.namespace !== undefined && metadata.namespace !== before)) return object;
  return { ...object, metadata: { ...metadata, namespace } };
}

function namespaceObject(name: string): KubeObject {
  const labels = { ...MANAGED_BY, 'pod-security.kubernetes.io/enforce': 'privileged' };
  return { apiVersion: 'v1', kind: 'Namespace', metadata: { name, labels } };
}

/** The hostPath mounts of the agent's container. */
function mounts(agents: DaemonSetObject): { readonly node: string; readonly pod: string }[] {
  const volumes = agents.spec?.template.spec?.volumes ?? [];
  return (agentContainer(agents)?.volumeMounts ?? []).flatMap(({ name, mountPath, subPath }) => {
    const node = volumes.find((volume) => volume.name === name)?.hostPath?.path;
    return node === undefined ? [] : [{ node: subPath ? `${node}/${subPath}` : node, pod: mountPath }];
  });
}

const TABLE_VOLUME = 'conntrack-table';
/** The mount path of a table that is outside of the manifest's mounts. */
const TABLE_FOLDER = '/host/table';

/**
 * The path in the pod: /proc/net/nf_conntrack → /host/proc/1/net/nf_conntrack. A path outside of all mounts gets a mount of that one
 * file. Undefined: it is not a path.
 */
function pathInPod(agents: DaemonSetObject, container: Container, typed: string): string | undefined {
  if (typed === 'auto') return typed;
  if (!typed.startsWith('/') || typed.endsWith('/') || typed.split('/').includes('..')) return undefined;
  // The agent would refuse it.
  if (typed.includes('*')) return undefined;
  const known = mounts(agents);
  if (known.some(({ pod }) => isBelow(typed, pod))) return typed;
  // /proc/net is a link to the reader's own network namespace.
  const path = typed.replace(/^\/proc\/(?:self\/)?net\//, '/proc/1/net/');
  const mount = known.find(({ node }) => isBelow(path, node));
  if (mount !== undefined) return mount.pod + path.slice(mount.node.length);
  const pod = agents.spec?.template.spec;
  if (pod === undefined) return undefined;
  const inPod = `${TABLE_FOLDER}/${basename(path)}`;
  pod.volumes = [...(pod.volumes ?? []), { name: TABLE_VOLUME, hostPath: { path, type: 'File' } }];
  container.volumeMounts = [
    ...(container.volumeMounts ?? []),
    { name: TABLE_VOLUME, mountPath: inPod, readOnly: true },
  ];
  return inPod;
}

function isBelow(path: string, folder: string): boolean {
  return path.startsWith(`${folder}/`);
}

function setEnvironment(container: Container, name: string, value: string): void {
  container.env = [...(container.env ?? []).filter((variable) => variable.name !== name), { name, value }];
}

function rejected(reason: string): { ok: false; reason: string } {
  return { ok: false, reason };
}
