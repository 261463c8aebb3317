import { INSTALL_NAMESPACE } from '../../agents/cluster-discovery.ts';
import { sanitizeLine } from '../../format/notices.ts';
import { describeManaged, describeOutcome } from '../../install/install.ts';
import { describeObject } from '../../install/inventory.ts';
import { ObjectClient } from '../../install/object-client.ts';
import { findInstalls, planRemoval, removalPermissions } from '../../install/uninstall.ts';
import { waitForRemoval } from '../../install/wait-for-rollout.ts';
import type { KubeOptions } from '../../kubernetes/config.ts';
import { KubeError } from '../../kubernetes/errors.ts';
import { UserError } from '../../session/user-error.ts';
import type { RolloutOptions } from '../options/install-options.ts';
import type { CommandIo } from '../shared/command-io.ts';
import { describeNodesLeft } from '../shared/install-source.ts';
import { describeAgentNamespaces } from '../shared/messages.ts';
import { requirePermissions, withCluster } from '../shared/with-cluster.ts';

/** `kflow uninstall`. The result for each object goes to stdout; progress and hints go to stderr. */
export function uninstall(options: RolloutOptions, io: CommandIo): Promise<number> {
  const namespace = options.kube.namespace ?? INSTALL_NAMESPACE;
  return withCluster(options.kube, async (kube) => {
    const api = new ObjectClient(kube, io.signal);
    const say = (line: string) => io.stderr(`${sanitizeLine(line)}\n`);
    const needs = [
      { verb: 'list', resource: 'daemonsets', group: 'apps', namespace },
      { verb: 'get', resource: 'namespaces', name: namespace },
    ];
    await requirePermissions(kube, needs, io.signal);
    const plan = await planRemoval(api, namespace);
    await requirePermissions(kube, await removalPermissions(api, plan), io.signal);
    const { dryRun } = options;
    for (const object of plan.objects)
      if (await api.remove(object, dryRun)) io.stdout(`${describeOutcome(object, 'deleted', dryRun)}\n`);
    for (const line of describeNodesLeft(plan.objects)) say(line);
    for (const one of plan.managed)
      say(
        `${describeManaged(one)}, which would make it again: it is left as it is; remove it where ${one.by} has it from`,
      );
    if (plan.namespaceKept !== undefined) say(`namespace ${namespace} stays: ${plan.namespaceKept}`);
    if (plan.objects.length === 0 && plan.managed.length === 0) {
      const ending = plan.ending.map(describeObject).join(', ');
      const why = ending === '' ? '' : ` (${ending} is still being removed)`;
      say(
        `nothing to remove in namespace ${namespace}${why}${await describeOtherInstalls(api, namespace, { ...options.kube, program: io.program })}`,
      );
    }
    const status = plan.managed.length === 0 ? 0 : 1;
    if (!options.wait || dryRun) return status;
    const left = await waitForRemoval([...plan.objects, ...plan.ending], namespace, {
      api,
      signal: io.signal,
      timeoutMs: options.timeoutMs,
      onProgress: say,
    });
    if (left.length === 0) return status;
    const lines = left.map((object) => `  ${describeObject(object)}`);
    if (io.signal.aborted) {
      say('interrupted: the cluster is still removing; still there:');
      for (const line of lines) io.stderr(`${line}\n`);
      return 1;
    }
    throw new UserError([`still there after ${options.timeoutMs / 1000} s:`, ...lines].join('\n'));
  });
}

/** Other namespaces with an install of kflow; empty if this user may not list them. */
async function describeOtherInstalls(api: ObjectClient, namespace: string, kube: KubeOptions): Promise<string> {
  try {
    const others = new Set((await findInstalls(api, undefined)).flatMap(({ metadata }) => metadata.namespace ?? []));
    others.delete(namespace);
    return others.size === 0 ? '' : `; ${describeAgentNamespaces([...others], kube)}`;
  } catch (error) {
    if (error instanceof KubeError) return '';
    throw error;
  }
}
