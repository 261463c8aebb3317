import type { KubeObject } from './manifest.ts';

export const OPENSHIFT_VERSION = 'security.openshift.io/v1';
/** The SELinux type of unconfined containers: no narrower type of the system may read /proc/1/net. */
export const OPENSHIFT_SELINUX_TYPE = 'spc_t';

/** The part of the policy that differs between agents and readers. */
const AGENT_ACCESS = {
  allowHostNetwork: false,
  allowedCapabilities: null,
  runAsUser: { type: 'MustRunAs', uid: 20050 },
};
export const READER_ACCESS = {
  allowHostNetwork: true,
  allowedCapabilities: ['NET_ADMIN'],
  runAsUser: { type: 'MustRunAs', uid: 0 },
};

/** Additional objects for OpenShift: a policy that admits exactly what the pods need, and an account that may use it. */
export function openshiftObjects(
  account: string,
  namespace: string,
  access: typeof AGENT_ACCESS | typeof READER_ACCESS = AGENT_ACCESS,
): KubeObject[] {
  const policy = `${account}-${namespace}`;
  return [
    {
      apiVersion: OPENSHIFT_VERSION,
      kind: 'SecurityContextConstraints',
      metadata: { name: policy },
      allowHostDirVolumePlugin: true,
      allowHostIPC: false,
      ...access,
      allowHostPID: false,
      allowHostPorts: false,
      allowPrivilegeEscalation: false,
      allowPrivilegedContainer: false,
      defaultAddCapabilities: null,
      requiredDropCapabilities: ['ALL'],
      fsGroup: { type: 'RunAsAny' },
      supplementalGroups: { type: 'RunAsAny' },
      readOnlyRootFilesystem: true,
      // MustRunAs would also require the namespace's own level in the pods.
      seLinuxContext: { type: 'RunAsAny' },
      seccompProfiles: ['runtime/default'],
      volumes: ['hostPath'],
    },
    {
      apiVersion: 'v1',
      kind: 'ServiceAccount',
      metadata: { name: account, namespace },
      automountServiceAccountToken: false,
    },
    {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'Role',
      metadata: { name: account, namespace },
      rules: [
        {
          apiGroups: ['security.openshift.io'],
          resources: ['securitycontextconstraints'],
          resourceNames: [policy],
          verbs: ['use'],
        },
      ],
    },
    {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'RoleBinding',
      metadata: { name: account, namespace },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: account },
      subjects: [{ kind: 'ServiceAccount', name: account, namespace }],
    },
  ];
}
