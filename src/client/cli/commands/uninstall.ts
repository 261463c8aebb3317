import { INSTALL_NAMESPACE } from '../../agents/cluster-discovery.ts';
import { cleanLine } from '../../format/notices.ts';
import { managedWords, outcomeWords } from '../../install/install.ts';
import { objectWords } from '../../install/inventory.ts';
import { ObjectApi } from '../../install/object-client.ts';
import { installs, needsOfRemoval, planRemoval } from '../../install/uninstall.ts';
import { waitForRemoval } from '../../install/wait-for-rollout.ts';
import { KubeError } from '../../kubernetes/errors.ts';
import { Failure } from '../../session/user-error.ts';
import type { RolloutOptions } from '../options/install-options.ts';
import type { CommandIo } from '../shared/command-io.ts';
import { agentsIn } from '../shared/messages.ts';
import { inCluster, requireRights } from '../shared/with-cluster.ts';

/** `kflow uninstall`. What became of the objects is data; progress and hints are words. */
export function uninstall(options: RolloutOptions, io: CommandIo, name: string): Promise<number> {
  const namespace = options.kube.namespace ?? INSTALL_NAMESPACE;
  return inCluster(options.kube, async (kube) => {
    const api = new ObjectApi(kube, io.signal);
    const say = (line: string) => io.err(`${cleanLine(line)}\n`);
    const needs = [
      { verb: 'list', resource: 'daemonsets', group: 'apps', namespace },
      { verb: 'get', resource: 'namespaces', name: namespace },
    ];
    await requireRights(kube, needs, io.signal);
    const plan = await planRemoval(api, namespace);
    await requireRights(kube, await needsOfRemoval(api, plan), io.signal);
    const { dryRun } = options;
    for (const object of plan.objects)
      if (await api.remove(object, dryRun)) io.out(`${outcomeWords(object, 'deleted', dryRun)}\n`);
    for (const one of plan.managed)
      say(
        `${managedWords(one)}, which would make it again: it is left as it is; remove it where ${one.by} has it from`,
      );
    if (plan.namespaceKept !== undefined) say(`namespace ${namespace} stays: ${plan.namespaceKept}`);
    if (plan.objects.length === 0 && plan.managed.length === 0) {
      const ending = plan.ending.map(objectWords).join(', ');
      const why = ending === '' ? '' : ` (${ending} is removed already, and not gone yet)`;
      say(`nothing to remove in namespace ${namespace}${why}${await elsewhere(api, namespace, name, options)}`);
    }
    const status = plan.managed.length === 0 ? 0 : 1;
    if (!options.wait || dryRun) return status;
    const left = await waitForRemoval([...plan.objects, ...plan.ending], namespace, {
      api,
      signal: io.signal,
      timeoutMs: options.timeoutMs,
      tell: say,
    });
    if (left.length === 0) return status;
    const lines = left.map((object) => `  ${objectWords(object)}`);
    if (io.signal.aborted) {
      say('interrupted: the cluster goes on removing; still there:');
      for (const line of lines) io.err(`${line}\n`);
      return 1;
    }
    throw new Failure([`still there after ${options.timeoutMs / 1000} s:`, ...lines].join('\n'));
  });
}

/** Where else an install put agents; that may not be for this user to know. */
async function elsewhere(api: ObjectApi, namespace: string, name: string, { kube }: RolloutOptions): Promise<string> {
  try {
    const others = new Set((await installs(api, undefined)).flatMap(({ metadata }) => metadata.namespace ?? []));
    others.delete(namespace);
    return others.size === 0 ? '' : `; ${agentsIn([...others], name, kube)}`;
  } catch (error) {
    if (error instanceof KubeError) return '';
    throw error;
  }
}
