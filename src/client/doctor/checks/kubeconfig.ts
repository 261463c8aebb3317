import { type Check, failure, ok } from '../check.ts';
import { here } from '../next.ts';

export const kubeconfig: Check = {
  id: 'kubeconfig',
  help: 'the kubeconfig and its context can be used',
  places: ['cluster'],
  find({ cluster }) {
    if (cluster === undefined) return [];
    if (cluster.unusable !== undefined) return [failure(cluster.unusable, here(['kubectl', 'config', 'get-contexts']))];
    return [ok(`context ${cluster.context}, ${cluster.server}`)];
  },
};
