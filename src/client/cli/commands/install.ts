import { dump } from 'js-yaml';
import { packageFile } from '../../../package-file.ts';
import { AGENT_SELECTOR } from '../../agents/agent-pod.ts';
import { readWholeFile } from '../../files/read-file.ts';
import { sanitizeLine } from '../../format/notices.ts';
import { cleanPath, cleanSentence } from '../../format/sanitize.ts';
import { shellCommand } from '../../format/shell-command.ts';
import { customize, type PreparedManifest } from '../../install/customize.ts';
import {
  applyPlan,
  describeManaged,
  describeOutcome,
  type InstallPlan,
  isRequired,
  planInstall,
  podSecurityLevel,
  requiredPermissions,
} from '../../install/install.ts';
import { describeObject, isSameObject } from '../../install/inventory.ts';
import { agentContainer, type DaemonSetObject, type KubeObject, parseManifest } from '../../install/manifest.ts';
import { ObjectClient } from '../../install/object-client.ts';
import { OPENSHIFT_VERSION } from '../../install/openshift.ts';
import type { RolloutStatus } from '../../install/rollout-status.ts';
import { waitForAgents } from '../../install/wait-for-rollout.ts';
import type { KubeClient, KubeOptions } from '../../kubernetes/config.ts';
import { KubeError } from '../../kubernetes/errors.ts';
import { missingPermissions } from '../../kubernetes/permissions.ts';
import { ownCommand, withKubeFlags } from '../../kubernetes/same-cluster.ts';
import { UserError, usageError } from '../../session/user-error.ts';
import type { InstallOptions } from '../options/install-options.ts';
import type { CommandIo } from '../shared/command-io.ts';
import { describeNodeChanges, type InstalledSource, installedSource, sourceOf } from '../shared/install-source.ts';
import { describeAgentNamespaces } from '../shared/messages.ts';
import { permissionError, withCluster } from '../shared/with-cluster.ts';

const AGENT_PODS = `?limit=500&labelSelector=${encodeURIComponent(AGENT_SELECTOR)}`;
const OWN_MANIFEST = packageFile('k8s/daemonset.yaml');

/** `kflow install`. The result for each object goes to stdout; progress, warnings and hints go to stderr. */
export function install(options: InstallOptions, io: CommandIo): Promise<number> {
  // A mistake in the options is found before the cluster is asked.
  const draft = prepareManifest(options, options.source === undefined ? {} : sourceOf(options));
  const program = { ...options.kube, program: io.program };
  return withCluster(options.kube, async (kube) => {
    const api = new ObjectClient(kube, io.signal);
    const say = (line: string) => io.stderr(`${sanitizeLine(line)}\n`);
    if (options.openshift && (await api.resources(OPENSHIFT_VERSION)).length === 0) {
      throw new UserError(
        'this cluster is not OpenShift, it has no SecurityContextConstraints: --selinux-type spc_t is for SELinux elsewhere',
      );
    }
    const source = options.source === undefined ? await installedSource(api, draft, options) : sourceOf(options);
    const wanted = prepareManifest(options, source);
    const plan = await planWithPermissions(api, kube, wanted, options, io);
    if (options.output !== undefined) {
      rejectConflicts(plan);
      for (const one of plan.managed) say(describeManaged(one));
      for (const { object, existing } of plan.applied)
        if (existing === undefined) say(describeOutcome(object, 'created', true));
      for (const object of plan.pruned) say(describeOutcome(object, 'deleted', true));
      io.stdout(formatObjects(plan.wanted, options.output));
      return 0;
    }
    const { name: namespace } = wanted.namespace.metadata;
    const managedAgents = plan.managed.find(({ object }) => isSameObject(object, plan.agents));
    if (managedAgents !== undefined) {
      const print = ownCommand(['install', '-n', namespace, '--dry-run', '-o', 'yaml'], program);
      throw new UserError(
        `${describeManaged(managedAgents)}: change it where ${managedAgents.by} has it from; with your options, \`${print}\` prints what to put there`,
      );
    }
    for (const one of plan.managed) say(`${describeManaged(one)}: it is left as it is`);
    rejectConflicts(plan);
    const strict = plan.preexistingNamespace && podSecurityLevel(plan.preexistingNamespace);
    if (strict !== undefined) {
      say(`warning: namespace ${namespace} enforces Pod Security "${strict}", which admits no hostPath, so no agents:`);
      say(`  ${labelNamespace(namespace, options.kube)}`);
    }
    if (options.dryRun) {
      await applyPlan(api, plan, true, (object, outcome) => say(describeOutcome(object, outcome, true)));
      io.stdout(
        formatObjects(
          plan.applied.map(({ object }) => object),
          'yaml',
        ),
      );
      return 0;
    }
    for (const line of describeNodeChanges(source.reader)) say(line);
    const others = await otherNamespaces(api, namespace);
    if (others.length > 0)
      say(`${describeAgentNamespaces(others, program)}; a node with agents of two installs is polled twice`);
    const own = (word: 'agents' | 'uninstall') =>
      ownCommand([word, word === 'agents' ? '--agent-namespace' : '-n', namespace], program);
    let isNew = false;
    let agents: DaemonSetObject;
    try {
      agents = (await applyPlan(api, plan, false, (object, outcome) => {
        isNew ||= outcome !== 'unchanged';
        io.stdout(`${describeOutcome(object, outcome, false)}\n`);
      })) as DaemonSetObject;
    } catch (error) {
      if (io.signal.aborted) say('interrupted: the steps above are done; the same command again does the rest');
      throw error;
    }
    if (!options.wait) {
      const started = describeStart(agents, isNew);
      if (started.isReady) io.stdout(`${started.message}\n`);
      else {
        // An install without the same options would change the result of this one.
        const follow = ['kubectl', 'rollout', 'status', `daemonset/${agents.metadata.name}`, '-n', namespace];
        const wait = shellCommand(withKubeFlags(follow, options.kube)).text;
        say(`${started.message}: \`${own('agents')}\` shows them, and \`${wait}\` waits for them`);
      }
      return 0;
    }
    const waited = await waitForAgents(agents, {
      api,
      signal: io.signal,
      timeoutMs: options.timeoutMs,
      onProgress: say,
    });
    if (waited.kind === 'done' || waited.kind === 'no-table') {
      const { ready, desired } = waited.rollout;
      io.stdout(`${isNew ? '' : 'nothing to change: '}${describeReady(ready, desired)}\n`);
      if (waited.kind === 'no-table') for (const line of waited.why) say(line);
      const status = waited.kind === 'done' ? 0 : 1;
      if (source.source !== undefined) return status;
      const { adviseNetlink } = await import('../shared/source-advice.ts');
      const netlink = await adviseNetlink(kube, options, namespace, io);
      return netlink === undefined ? status : install(netlink, io);
    }
    if (waited.kind === 'interrupted') {
      say('interrupted: what was installed stays, and the agents keep starting:');
      for (const line of formatProgress(waited.rollout)) io.stderr(`  ${sanitizeLine(line)}\n`);
      say(`\`${own('agents')}\` shows them; \`${own('uninstall')}\` takes them back`);
      return 1;
    }
    throw new UserError(
      [
        `timed out after ${options.timeoutMs / 1000}s; agents that are not ready:`,
        ...indent(waited.why),
        ...imageHint(agents, waited.why, options, ownCommand(['install', '-n', namespace, '--image', 'NAME'], program)),
      ].join('\n'),
    );
  });
}

/** Admits pods with hostPath into the namespace. */
function labelNamespace(namespace: string, kube: KubeOptions): string {
  const label = 'pod-security.kubernetes.io/enforce=privileged';
  return shellCommand(withKubeFlags(['kubectl', 'label', 'namespace', namespace, label, '--overwrite'], kube)).text;
}

function rejectConflicts({ conflicts: [foreign] }: InstallPlan): void {
  if (foreign === undefined) return;
  throw new UserError(
    `${describeObject(foreign)} already exists and is not managed by kflow: delete it, or choose another namespace with -n`,
  );
}

/** The objects to apply, for `kubectl apply -f -` or a repository. */
function formatObjects(objects: readonly KubeObject[], output: 'yaml' | 'json'): string {
  if (output === 'yaml') return objects.map((object) => dump(object, { noRefs: true })).join('---\n');
  return `${JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objects }, undefined, 2)}\n`;
}

/** Whether all agents are ready according to the API server's response, and the message. */
function describeStart({ metadata, status }: DaemonSetObject, isNew: boolean): { isReady: boolean; message: string } {
  const { desiredNumberScheduled: desired = 0, numberReady = 0, updatedNumberScheduled = 0 } = status ?? {};
  const isSeen = (status?.observedGeneration ?? 0) >= Number(metadata.generation ?? 0);
  if (isNew || !isSeen || updatedNumberScheduled < desired)
    return { isReady: false, message: 'the agents are starting' };
  if (desired > 0 && numberReady >= desired)
    return { isReady: true, message: `nothing to change: ${describeReady(numberReady, desired)}` };
  return { isReady: false, message: `nothing to change, but ${numberReady} of ${desired} agents are ready` };
}

/** The nodes without a ready agent. */
function formatProgress(rollout: RolloutStatus | undefined): string[] {
  if (rollout === undefined) return ['the cluster has not reported on them yet'];
  const late = rollout.nodes.filter(({ state }) => state !== 'ready').map(({ node, message }) => `${node}: ${message}`);
  return [`${rollout.ready} of ${rollout.desired} agents are ready`, ...late];
}

function describeReady(ready: number, desired: number): string {
  return `${ready} of ${desired} nodes have their agent, and it is ready`;
}

/** Other namespaces that have agents; empty if this user may not list them. */
async function otherNamespaces(api: ObjectClient, own: string): Promise<readonly string[]> {
  try {
    const pods = await api.list(await api.resource({ apiVersion: 'v1', kind: 'Pod' }), undefined, AGENT_PODS);
    return [...new Set(pods.flatMap(({ metadata }) => metadata.namespace ?? []))].filter((one) => one !== own);
  } catch (error) {
    if (error instanceof KubeError) return [];
    throw error;
  }
}

function prepareManifest(options: InstallOptions, source: InstalledSource): PreparedManifest {
  const { conntrack, image, file, kube, openshift, selinuxType, controlPlane } = options;
  const manifest = parseManifest(manifestText(file));
  if (!manifest.ok) throw usageError(`${cleanPath(file ?? 'k8s/daemonset.yaml')}: ${cleanSentence(manifest.reason)}`);
  const result = customize(manifest, {
    ...(kube.namespace === undefined ? {} : { namespace: kube.namespace }),
    ...(conntrack === undefined ? {} : { conntrack }),
    ...(image === undefined ? {} : { image }),
    ...source,
    ...(selinuxType === undefined ? {} : { selinuxType }),
    openshift,
    controlPlane,
  });
  if (!result.ok) throw usageError(cleanSentence(result.reason));
  return result;
}

function manifestText(file: string | undefined): string {
  try {
    return readWholeFile(file ?? OWN_MANIFEST).toString('utf8');
  } catch (error) {
    throw usageError(`the manifest cannot be read: ${cleanPath((error as Error).message)}`);
  }
}

/** Checks permissions before it reads or changes anything, so that one message names all missing ones. */
async function planWithPermissions(
  api: ObjectClient,
  kube: KubeClient,
  wanted: PreparedManifest,
  options: InstallOptions,
  io: CommandIo,
) {
  const all = await requiredPermissions(api, wanted, options.wait && !options.dryRun);
  const needs = options.output === undefined ? all : all.filter(({ verb }) => verb === 'get');
  const missing = await missingPermissions(kube, needs, io.signal);
  if (missing.some(({ verb }) => verb === 'get')) await permissionError(kube, missing, io.signal);
  const plan = await planInstall(api, wanted);
  const lacking = missing.filter((need) => isRequired(plan, need));
  if (lacking.length > 0) await permissionError(kube, lacking, io.signal);
  return plan;
}

/** The image of kflow's own manifest is in no registry: without building and loading it, the user has to name another image. */
function imageHint(
  agents: DaemonSetObject,
  why: readonly string[],
  { image, file }: InstallOptions,
  command: string,
): string[] {
  if (image !== undefined || file !== undefined || !why.some((line) => /Image/.test(line))) return [];
  return [
    `${agentContainer(agents)?.image} has to be on the nodes, or give the name under which they can pull it: ${command}`,
  ];
}

function indent(lines: readonly string[]): string[] {
  return lines.map((line) => `  ${line}`);
}
