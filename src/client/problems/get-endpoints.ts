/** Lists a service's endpoints. Its names are those of Kubernetes. */
export function getEndpoints(namespace: string, service: string): string[] {
  return ['kubectl', '-n', namespace, 'get', 'endpointslices', '-l', `kubernetes.io/service-name=${service}`];
}
