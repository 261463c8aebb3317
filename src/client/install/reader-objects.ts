import type { V1Volume, V1VolumeMount } from '@kubernetes/client-node';
import { READER_SOCKET_FOLDER, TABLE_FOLDER } from '../agents/agent-identity.ts';
import { agentContainer, type DaemonSetObject, type KubeObject } from './manifest.ts';

/** The label and the name of the readers' DaemonSet. */
export const READER = 'kflow-reader';
const SOCKET_VOLUME = 'run-kflow';
/** Where the reader has the files of the node's settings that it may write. */
const WRITABLE_FOLDER = '/host/netfilter';
const SETTINGS_FOLDER = '/proc/sys/net/netfilter';

/** Settings of the nodes that the reader switches on. */
export interface ReaderOptions {
  readonly accounting: boolean;
  readonly timestamps: boolean;
}

interface NodeSetting {
  readonly option: keyof ReaderOptions;
  readonly variable: string;
  /** Of `/proc/sys/net/netfilter`; as a sysctl, it is in `net.netfilter`. */
  readonly file: string;
}

export const NODE_SETTINGS: readonly NodeSetting[] = [
  { option: 'accounting', variable: 'KFLOW_ACCOUNTING', file: 'nf_conntrack_acct' },
  { option: 'timestamps', variable: 'KFLOW_TIMESTAMPS', file: 'nf_conntrack_timestamp' },
];

export function isReader({ kind, spec }: KubeObject): boolean {
  return kind === 'DaemonSet' && (spec as DaemonSetObject['spec'])?.template?.metadata?.labels?.app === READER;
}

/** What an installed reader switches on. */
export function readReaderOptions(reader: DaemonSetObject): ReaderOptions {
  const environment = reader.spec?.template.spec?.containers[0]?.env ?? [];
  const isOn = (wanted: keyof ReaderOptions) =>
    NODE_SETTINGS.some(
      ({ option, variable }) =>
        option === wanted && environment.some(({ name, value }) => name === variable && value === '1'),
    );
  return { accounting: isOn('accounting'), timestamps: isOn('timestamps') };
}

/** Whether these agents get the table from a reader. */
export function usesReader(agents: DaemonSetObject): boolean {
  const volumes = agents.spec?.template.spec?.volumes ?? [];
  return volumes.some(({ hostPath }) => hostPath?.path === READER_SOCKET_FOLDER);
}

/** Gives the agents the reader's socket in place of the node's network files. */
export function mountReaderSocket(agents: DaemonSetObject): void {
  const pod = agents.spec?.template.spec;
  const container = agentContainer(agents);
  if (pod === undefined || container === undefined || usesReader(agents)) return;
  const replaced = (pod.volumes ?? []).filter(({ hostPath }) => hostPath?.path === TABLE_FOLDER);
  const isReplaced = (name: string) => replaced.some((volume) => volume.name === name);
  pod.volumes = [...(pod.volumes ?? []).filter(({ name }) => !isReplaced(name)), SOCKET];
  container.volumeMounts = [
    ...(container.volumeMounts ?? []).filter(({ name }) => !isReplaced(name)),
    // Connecting to a unix socket works on a read-only mount.
    { name: SOCKET_VOLUME, mountPath: READER_SOCKET_FOLDER, readOnly: true },
  ];
}

const SOCKET: V1Volume = { name: SOCKET_VOLUME, hostPath: { path: READER_SOCKET_FOLDER, type: 'DirectoryOrCreate' } };

/**
 * The readers' DaemonSet, beside these agents: on the same nodes, from the same image. It has what netlink requires, the node's
 * network namespace and NET_ADMIN, and nothing else: no port, no token, nothing of the node except for the socket's folder and the
 * settings that it is to switch on.
 */
export function buildReaderDaemonSet(agents: DaemonSetObject, options: ReaderOptions): DaemonSetObject {
  const { spec, metadata } = structuredClone(agents);
  const pod = spec?.template.spec;
  const labels = { app: READER, 'app.kubernetes.io/name': 'kflow', 'app.kubernetes.io/component': 'reader' };
  const settings = NODE_SETTINGS.filter(({ option }) => options[option]);
  const { namespace } = metadata;
  return {
    apiVersion: 'apps/v1',
    kind: 'DaemonSet',
    metadata: { name: READER, ...(namespace === undefined ? {} : { namespace }), labels },
    spec: {
      selector: { matchLabels: { app: READER } },
      revisionHistoryLimit: 3,
      updateStrategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: '10%' } },
      template: {
        metadata: {
          labels: { ...spec?.template.metadata?.labels, ...labels },
          annotations: {
            ...spec?.template.metadata?.annotations,
            'kubectl.kubernetes.io/default-container': 'reader',
          },
        },
        spec: {
          hostNetwork: true,
          automountServiceAccountToken: false,
          enableServiceLinks: false,
          dnsPolicy: 'Default',
          ...(pod?.nodeSelector === undefined ? {} : { nodeSelector: pod.nodeSelector }),
          ...(pod?.affinity === undefined ? {} : { affinity: pod.affinity }),
          ...(pod?.tolerations === undefined ? {} : { tolerations: pod.tolerations }),
          ...(pod?.imagePullSecrets === undefined ? {} : { imagePullSecrets: pod.imagePullSecrets }),
          terminationGracePeriodSeconds: 10,
          securityContext: { seccompProfile: { type: 'RuntimeDefault' } },
          containers: [
            {
              name: 'reader',
              ...imageOf(agents),
              command: [READER],
              env: [
                // Without it a pod that lost hostNetwork would read its own empty table.
                { name: 'KUBE_HOST_IP', valueFrom: { fieldRef: { fieldPath: 'status.hostIP' } } },
                ...settings.map(({ variable }) => ({ name: variable, value: '1' })),
              ],
              securityContext: {
                // A netlink dump requires NET_ADMIN, and the socket's folder belongs to root.
                runAsUser: 0,
                runAsGroup: 0,
                privileged: false,
                allowPrivilegeEscalation: false,
                readOnlyRootFilesystem: true,
                capabilities: { drop: ['ALL'], add: ['NET_ADMIN'] },
              },
              readinessProbe: {
                exec: { command: [READER, '--check'] },
                periodSeconds: 60,
                timeoutSeconds: 10,
                failureThreshold: 2,
              },
              startupProbe: {
                exec: { command: [READER, '--check'] },
                periodSeconds: 2,
                timeoutSeconds: 10,
                failureThreshold: 30,
              },
              terminationMessagePolicy: 'FallbackToLogsOnError',
              resources: { requests: { cpu: '20m', memory: '64Mi' }, limits: { cpu: '500m', memory: '192Mi' } },
              volumeMounts: [
                { name: SOCKET_VOLUME, mountPath: READER_SOCKET_FOLDER },
                ...settings.map(
                  ({ file }): V1VolumeMount => ({ name: volumeOf(file), mountPath: `${WRITABLE_FOLDER}/${file}` }),
                ),
              ],
            },
          ],
          volumes: [
            SOCKET,
            // Single files: a mount of the folder would also make timeouts and maxima writable.
            ...settings.map(
              ({ file }): V1Volume => ({
                name: volumeOf(file),
                hostPath: { path: `${SETTINGS_FOLDER}/${file}`, type: 'File' },
              }),
            ),
          ],
        },
      },
    },
  };
}

function imageOf(agents: DaemonSetObject) {
  const { image, imagePullPolicy } = agentContainer(agents) ?? {};
  return { ...(image === undefined ? {} : { image }), ...(imagePullPolicy === undefined ? {} : { imagePullPolicy }) };
}

function volumeOf(file: string): string {
  return file.replaceAll('_', '-');
}
