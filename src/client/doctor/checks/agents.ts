import { describeClaim } from '../../agents/setup-hints.ts';
import { type AgentState, usedAgents } from '../../model/agent.ts';
import { ALL_MODES, type Check, type Finding, failure, ok, warning } from '../check.ts';
import { counted, listed, locally, type NextCommands, ownProgram, validateNext } from '../commands.ts';
import type { Facts } from '../facts.ts';
import { firstInstall } from '../reinstall-command.ts';
import { uncoveredControlPlane } from '../uncovered-nodes.ts';
import { suggestRepair } from './nodes.ts';

export const agents: Check = {
  id: 'agents',
  help: 'there is one on every node, only one, and it answers; for each namespace that has some',
  modes: ALL_MODES,
  find(facts) {
    const { cluster, mode, discoveryError } = facts;
    if (cluster !== undefined && cluster.serverVersion === undefined) return [];
    const known = usedAgents(facts.agents);
    const strange = checkSuspicious(facts);
    if (known.length === 0) return [checkFound(facts, discoveryError), ...strange];
    const live = known.filter(({ status }) => status.kind === 'live');
    // Another check reports tables that cannot be read.
    const away = known.filter(({ status, info }) => status.kind !== 'live' && info?.unavailableReason === undefined);
    const findings = away.map((agent) => checkAbsent(facts, agent, live.length === 0));
    if (mode === 'cluster')
      return [...groupByNamespace(known), ...findings, ...checkUncovered(facts), ...checkDuplicates(facts), ...strange];
    const all = findings.length > 0 ? findings : [ok(live.length === 1 ? 'it answers' : `all ${live.length} answer`)];
    return [...all, ...strange];
  },
};

/** Suggests an install only if it is known that there are no agents. */
function checkFound(facts: Facts, problem: string | undefined): Finding {
  const isUnseen = facts.cluster?.missing.some(({ required, resource }) => required && resource === 'pods') ?? false;
  return failure(problem ?? 'there are no agents', isUnseen ? undefined : firstInstall(facts, facts.namespace));
}

/** Pods that look like agents, or claim another node. */
function checkSuspicious({ agents: known, agentNotices = [] }: Facts): Finding[] {
  const claims = known.map(describeClaim).filter((claim) => claim !== undefined);
  const unused = known.flatMap(({ key, namespace, pod, status }) =>
    status.kind === 'unused'
      ? [`${pod === undefined ? key : `${namespace}/${pod}`} is not used: ${status.reason}`]
      : [],
  );
  return [...claims, ...unused, ...agentNotices].map((message) => warning(message));
}

/** A finding per namespace, so that installs are not confused. */
function groupByNamespace(known: readonly AgentState[]): Finding[] {
  const namespaces = [...new Set(known.map(({ namespace }) => namespace ?? ''))].sort();
  return namespaces.map((namespace) => {
    const own = known.filter((agent) => (agent.namespace ?? '') === namespace);
    const reporting = own.filter(reportsTable).length;
    const nodes = new Set(own.map(({ node }) => node)).size;
    const share =
      reporting === 0 ? 'none reports' : reporting < own.length ? `${reporting} of them report` : 'all report';
    const one = reporting === 1 ? 'it reports' : 'it does not report';
    const message = `namespace ${namespace}: ${counted(own.length, 'agent')} on ${counted(nodes, 'node')}; ${own.length === 1 ? one : share} a table`;
    if (reporting === own.length) return ok(message);
    return warning(message, kubectl(['get', 'pods', '-n', namespace, '-o', 'wide'], namespace, 'list', 'pods'));
  });
}

function reportsTable({ status, info, flows }: AgentState): boolean {
  return status.kind === 'live' && flows !== undefined && info?.unavailableReason === undefined;
}

function checkAbsent(facts: Facts, agent: AgentState, isAll: boolean): Finding {
  const { node, status } = agent;
  const why = 'reason' in status ? `${status.kind}: ${status.reason}` : 'no answer yet';
  // The last report of a stale agent may be old; a lost agent has none.
  const level = isAll || status.kind !== 'stale' ? failure : warning;
  if (facts.mode === 'local')
    return level(`${node}: ${why}`, locally([...facts.self, 'agents', '--local', '-o', 'wide']));
  if (facts.mode === 'endpoints') {
    const ask = ['agents', '--endpoints', agent.key, '--request-timeout', '30s'];
    return level(`${node}: ${why}`, locally([...ownProgram(facts), ...ask]));
  }
  const under = facts.cluster?.nodes?.find(({ name, notReady }) => name === node && notReady !== undefined);
  if (under !== undefined) return level(`${node}: ${why} (the node is not ready)`, suggestRepair(under));
  return level(`${node}: ${why}`, lookAtPod(agent, 'reason' in status ? status.reason : ''));
}

/** A container that never ran has no log; one that ended wrote its last lines to the previous log. */
function lookAtPod({ namespace, pod }: AgentState, reason: string): NextCommands | undefined {
  if (namespace === undefined || pod === undefined) return undefined;
  if (NEVER_RAN.test(reason)) return kubectl(['describe', 'pod', '-n', namespace, pod], namespace, 'get', 'pods', pod);
  const before = ENDED.test(reason) ? ['--previous'] : [];
  return kubectl(['logs', '-n', namespace, pod, '--tail=20', ...before], namespace, 'get', 'pods/log', pod);
}

const NEVER_RAN =
  /^(ErrImage|ImagePull|InvalidImage|ImageInspect|CreateContainer|ContainerCreating|PodInitializing|RunContainerError|not scheduled|the pod is )/;
const ENDED = /^CrashLoopBackOff/;

/** Nodes without an agent. */
function checkUncovered(facts: Facts): Finding[] {
  const { cluster, agents } = facts;
  const known = new Set<string>(usedAgents(agents).map(({ node }) => node));
  const spared = uncoveredControlPlane(facts);
  const without = (cluster?.nodes ?? [])
    .filter((node) => !known.has(node.name) && !spared.includes(node))
    .map(({ name }) => name);
  const reported =
    spared.length === 0 ? [] : [ok(`no agent on the control plane: ${listed(spared.map(({ name }) => name))}`)];
  if (without.length === 0) return reported;
  const namespace = agents.find((agent) => agent.namespace !== undefined)?.namespace ?? '';
  return [
    ...reported,
    warning(
      `no agent on ${listed(without)}`,
      kubectl(['get', 'daemonsets,pods', '-n', namespace, '-o', 'wide'], namespace, 'list', 'pods'),
    ),
  ];
}

/** Two agents on one node cost twice as much. The operator decides which of them stays. */
function checkDuplicates({ agents }: Facts): Finding[] {
  const nodes = agents.map(({ node }) => node);
  const twice = nodes.filter((node, index) => nodes.indexOf(node) !== index);
  if (twice.length === 0) return [];
  const namespaces = [
    ...new Set(agents.filter(({ node }) => twice.includes(node)).map(({ namespace }) => namespace ?? '')),
  ];
  const [first = ''] = namespaces;
  const scope = namespaces.length > 1 ? ['-A'] : ['-n', first];
  const command = ['kubectl', 'get', 'pods', ...scope, '-l', 'app=kflow-daemon', '-o', 'wide'];
  const needs = [{ verb: 'list', resource: 'pods', ...(namespaces.length > 1 ? {} : { namespace: first }) }];
  return [
    warning(
      `${listed(twice)}: more than one agent, in ${namespaces.length > 1 ? 'namespaces' : 'namespace'} ${namespaces.sort().join(', ')}`,
      validateNext(namespaces, { commands: [command], needs }),
    ),
  ];
}

function kubectl(args: readonly string[], namespace: string, verb: string, resource: string, pod?: string) {
  return validateNext([namespace, ...(pod === undefined ? [] : [pod])], {
    commands: [['kubectl', ...args]],
    needs: [{ verb, resource, namespace }],
  });
}
