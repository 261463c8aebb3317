import { type Check, failure, ok } from '../check.ts';
import { locally } from '../commands.ts';

export const apiServer: Check = {
  id: 'api-server',
  help: 'the API server answers, and accepts the user',
  modes: ['cluster'],
  find({ cluster }) {
    if (cluster?.unreachable !== undefined) return [failure(cluster.unreachable, locally(['kubectl', 'version']))];
    if (cluster?.serverVersion === undefined) return [];
    const as = cluster.user === undefined ? '' : `, which knows you as ${cluster.user}`;
    return [ok(`Kubernetes ${cluster.serverVersion}${as}`)];
  },
};

export const kubeconfig: Check = {
  id: 'kubeconfig',
  help: 'the kubeconfig and its context can be used',
  modes: ['cluster'],
  find({ cluster }) {
    if (cluster === undefined) return [];
    if (cluster.unusable !== undefined)
      return [failure(cluster.unusable, locally(['kubectl', 'config', 'get-contexts']))];
    return [ok(`context ${cluster.context}, ${cluster.server}`)];
  },
};
