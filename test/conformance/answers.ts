export const NAMESPACE = 'kflow';
export const POD = 'agent-1';

/** Status and body of what kubectl and kflow ask. */
export function answer(url: string): readonly [number, unknown] {
  const path = (url.split('?')[0] ?? '').replace(/^.*?(?=\/(api|apis|version)(\/|$))/, '');
  if (/[?&]watch=/.test(url)) return [200, { type: 'BOOKMARK', object: { metadata: { resourceVersion: '1' } } }];
  const pods = new RegExp(`^/api/v1(/namespaces/${NAMESPACE})?/pods$`);
  if (path === `/api/v1/namespaces/${NAMESPACE}/pods/${POD}`) return [200, { apiVersion: 'v1', kind: 'Pod', ...pod }];
  if (pods.test(path)) return [200, list('PodList', [pod])];
  if (path === '/version') return [200, { major: '1', minor: '33', gitVersion: 'v1.33.0' }];
  if (path === '/api') return [200, { kind: 'APIVersions', versions: ['v1'] }];
  if (path === '/apis') return [200, { kind: 'APIGroupList', apiVersion: 'v1', groups: [] }];
  if (path === '/api/v1') {
    const resource = {
      name: 'pods',
      singularName: 'pod',
      namespaced: true,
      kind: 'Pod',
      verbs: ['get', 'list'],
      shortNames: ['po'],
    };
    return [200, { kind: 'APIResourceList', groupVersion: 'v1', resources: [resource] }];
  }
  if (/\/(api|apis)\//.test(path)) return [200, list('List', [])];
  return [404, { kind: 'Status', apiVersion: 'v1', status: 'Failure', reason: 'NotFound', code: 404 }];
}

const list = (kind: string, items: readonly unknown[]) => ({
  apiVersion: 'v1',
  kind,
  metadata: { resourceVersion: '1' },
  items,
});

const pod = {
  metadata: {
    name: POD,
    namespace: NAMESPACE,
    uid: 'u1',
    resourceVersion: '1',
    labels: { app: 'kflow-daemon' },
    ownerReferences: [{ apiVersion: 'apps/v1', kind: 'DaemonSet', name: 'kflow-daemon', uid: 'd1', controller: true }],
  },
  spec: {
    nodeName: 'node1',
    containers: [
      {
        name: 'agent',
        ports: [{ name: 'grpc', containerPort: 50051, protocol: 'TCP' }],
        volumeMounts: [{ name: 'net', mountPath: '/host/net', readOnly: true }],
      },
    ],
    volumes: [{ name: 'net', hostPath: { path: '/proc/1/net' } }],
  },
  status: {
    phase: 'Running',
    podIP: '10.0.0.1',
    podIPs: [{ ip: '10.0.0.1' }],
    conditions: [{ type: 'Ready', status: 'True' }],
    containerStatuses: [{ name: 'agent', ready: true, restartCount: 0, state: { running: {} } }],
  },
};
