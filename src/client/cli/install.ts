import { readFileSync } from 'node:fs';
import { dump } from 'js-yaml';
import { ObjectApi } from '../install/api.ts';
import { objectWords } from '../install/belongings.ts';
import { type Customized, customize } from '../install/customize.ts';
import { carryOut, isNeeded, needsOfInstall, outcomeWords, planInstall, strictLevel } from '../install/install.ts';
import { agentContainer, type DaemonSetObject, parseManifest } from '../install/manifest.ts';
import { waitForAgents } from '../install/wait.ts';
import type { Kube } from '../kube/config.ts';
import { missingRights } from '../kube/rights.ts';
import { Failure, usageError } from './failure.ts';
import { inCluster, refuse } from './in-cluster.ts';
import type { InstallOptions } from './install-options.ts';
import type { CommandIo } from './io.ts';
import { cleanLine } from './words.ts';

/** The same way up from src and from dist. */
const OWN_MANIFEST = new URL('../../../k8s/daemonset.yaml', import.meta.url);

/** `kflow install`. What became of the objects is data; progress, warnings and hints are words. */
export function install(options: InstallOptions, io: CommandIo, name: string): Promise<number> {
  const wanted = customized(options);
  return inCluster(options.kube, async (kube) => {
    const api = new ObjectApi(kube, io.signal);
    const say = (line: string) => io.err(`${cleanLine(line)}\n`);
    const plan = await allowedPlan(api, kube, wanted, options, io);
    const [foreign] = plan.foreign;
    if (foreign !== undefined) {
      throw new Failure(
        `${objectWords(foreign)} is there already, and was not made by ${name} install: remove it, or install into another namespace (-n)`,
      );
    }
    const strict = plan.guestOf && strictLevel(plan.guestOf);
    const { name: namespace } = wanted.namespace.metadata;
    if (strict !== undefined) {
      say(`warning: namespace ${namespace} enforces Pod Security "${strict}", which admits no hostPath, so no agents:`);
      say(`  kubectl label namespace ${namespace} pod-security.kubernetes.io/enforce=privileged --overwrite`);
    }
    if (options.dryRun) {
      await carryOut(api, plan, true, (object, outcome) => say(outcomeWords(object, outcome, true)));
      io.out(plan.applied.map(({ object }) => dump(object)).join('---\n'));
      return 0;
    }
    const agents = (await carryOut(api, plan, false, (object, outcome) =>
      io.out(`${outcomeWords(object, outcome, false)}\n`),
    )) as DaemonSetObject;
    if (!options.wait) {
      say(`the agents are starting: \`${name} agents\` shows them, and ${name} install --wait waits for them`);
      return 0;
    }
    const waited = await waitForAgents(agents, { api, signal: io.signal, timeoutMs: options.timeoutMs, tell: say });
    if (waited.kind === 'done') {
      const { ready, desired } = waited.rollout;
      io.out(`${ready} of ${desired} nodes have their agent, and it is ready\n`);
      return 0;
    }
    throw new Failure(
      [
        `not all agents are ready after ${options.timeoutMs / 1000} s:`,
        ...indented(waited.why),
        ...imageHint(agents, waited.why, options, name),
      ].join('\n'),
    );
  });
}

function customized(options: InstallOptions): Customized {
  const { conntrack, image, source, file, kube } = options;
  const manifest = parseManifest(manifestText(file));
  if (!manifest.ok) throw usageError(`${file ?? 'k8s/daemonset.yaml'}: ${manifest.reason}`);
  const result = customize(manifest, {
    ...(kube.namespace === undefined ? {} : { namespace: kube.namespace }),
    ...(conntrack === undefined ? {} : { conntrack }),
    ...(image === undefined ? {} : { image }),
    ...(source === undefined ? {} : { source }),
  });
  if (!result.ok) throw usageError(result.reason);
  return result;
}

function manifestText(file: string | undefined): string {
  try {
    return readFileSync(file ?? OWN_MANIFEST, 'utf8');
  } catch (error) {
    throw usageError(`the manifest cannot be read: ${(error as Error).message}`);
  }
}

/** What is missing is asked for before anything is read or changed, so that one message names it all. */
async function allowedPlan(api: ObjectApi, kube: Kube, wanted: Customized, options: InstallOptions, io: CommandIo) {
  const needs = await needsOfInstall(api, wanted, options.wait && !options.dryRun);
  const missing = await missingRights(kube, needs, io.signal);
  if (missing.some(({ verb }) => verb === 'get')) await refuse(kube, missing, io.signal);
  const plan = await planInstall(api, wanted);
  const lacking = missing.filter((need) => isNeeded(plan, need));
  if (lacking.length > 0) await refuse(kube, lacking, io.signal);
  return plan;
}

/** The image of kflow's own manifest is in no registry: who did not build and load it has to name another. */
function imageHint(
  agents: DaemonSetObject,
  why: readonly string[],
  { image, file }: InstallOptions,
  name: string,
): string[] {
  if (image !== undefined || file !== undefined || !why.some((line) => /Image/.test(line))) return [];
  return [
    `${agentContainer(agents)?.image} has to be on the nodes, or give the name under which they can pull it: ${name} install --image NAME`,
  ];
}

function indented(lines: readonly string[]): string[] {
  return lines.map((line) => `  ${line}`);
}
