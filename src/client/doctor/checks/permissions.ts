/** Reports what RBAC denies. The permissions are in kubernetes/viewer-permissions; cluster-facts asks the API server for them. */
import { describePermission } from '../../kubernetes/errors.ts';
import type { RequiredPermission } from '../../kubernetes/permissions.ts';
import { type Check, type Finding, failure, ok, warning } from '../check.ts';
import type { NextCommands } from '../commands.ts';
import type { MissingPermission } from '../facts.ts';

export const permissions: Check = {
  id: 'permissions',
  help: 'list and watch pods, create pods/portforward; for names and services without endpoints, list and watch services, nodes and endpointslices',
  modes: ['cluster'],
  find({ cluster }) {
    if (cluster?.serverVersion === undefined) return [];
    const { missing, user } = cluster;
    if (missing.length === 0) return [ok('to find the agents, to reach them, and to name addresses')];
    return missing.map((need) => finding(need, user));
  },
};

function finding(need: MissingPermission, user: string | undefined): Finding {
  const message = `not allowed to ${describePermission(need)}${need.required ? '' : `: ${lost(need)}`}`;
  return (need.required ? failure : warning)(message, grant(need, user));
}

function lost({ verb, resource }: RequiredPermission): string {
  if (verb === 'watch') return 'it is listed every few seconds instead';
  return resource === 'endpointslices'
    ? 'services without endpoints are not shown'
    : `addresses of ${resource} have no names`;
}

/** The commands for an administrator. The roles' names contain the user, so that grants to other users are kept. */
function grant(
  { verb, resource, group, namespace }: RequiredPermission,
  user: string | undefined,
): NextCommands | undefined {
  if (user === undefined || /[/%]/.test(user)) return undefined;
  const name = `kflow-${verb}-${resource.replace('/', '-')}:${user}`;
  const [role, scope] = namespace === undefined ? ['clusterrole', []] : ['role', ['-n', namespace]];
  const kind = group === undefined ? resource : `${resource}.${group}`;
  const on = { group: 'rbac.authorization.k8s.io', ...(namespace === undefined ? {} : { namespace }) };
  return {
    commands: [
      ['kubectl', 'create', role, name, ...scope, `--verb=${verb}`, `--resource=${kind}`],
      ['kubectl', 'create', `${role}binding`, name, ...scope, `--${role}=${name}`, `--user=${user}`],
    ],
    needs: [`${role}s`, `${role}bindings`].map((resource) => ({ verb: 'create', resource, ...on })),
  };
}
