import { type Check, failure, ok } from '../check.ts';

export const kubeconfig: Check = {
  id: 'kubeconfig',
  help: 'the kubeconfig and its context can be used',
  places: ['cluster'],
  find({ cluster, name }) {
    if (cluster === undefined) return [];
    if (cluster.unusable !== undefined)
      return [failure(cluster.unusable, `kubectl config get-contexts   # or, without a cluster: ${name} --local`)];
    return [ok(`context ${cluster.context}, ${cluster.server}`)];
  },
};
