import { type Check, failure, ok } from '../check.ts';
import { here } from '../next.ts';

export const apiServer: Check = {
  id: 'api-server',
  help: 'the API server answers, and accepts the user',
  places: ['cluster'],
  find({ cluster }) {
    if (cluster?.unreachable !== undefined) return [failure(cluster.unreachable, here(['kubectl', 'version']))];
    if (cluster?.serverVersion === undefined) return [];
    const as = cluster.user === undefined ? '' : `, which knows you as ${cluster.user}`;
    return [ok(`Kubernetes ${cluster.serverVersion}${as}`)];
  },
};
