/** What makes a pod an agent, as kflow's manifest and the DaemonSet controller make it. */
export const CONTROLLER = { apiVersion: 'apps/v1', kind: 'DaemonSet', name: 'kflow-daemon', controller: true };

/** The spec of an agent's pod, whose container mounts the node's table. */
export function agentSpec(spec: object = {}, container: object = {}, path = '/proc/1/net') {
  return {
    ...spec,
    containers: [{ name: 'agent', ...container, volumeMounts: [{ name: 'table', mountPath: '/host' }] }],
    volumes: [{ name: 'table', hostPath: { path } }],
  };
}
