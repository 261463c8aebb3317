import { localHints, TRACKING_RULES } from '../../agents/setup-hints.ts';
import { formatPercent } from '../../format/numbers.ts';
import { describeUnparsedLines, describeUnparsedTable } from '../../format/unparsed-lines.ts';
import { type AgentState, entryCount, tableUsage } from '../../model/agent.ts';
import { ALL_MODES, type Check, type Finding, failure, ok, warning } from '../check.ts';
import {
  asRoot,
  commandOnNodes,
  counted,
  listed,
  locally,
  type NextCommands,
  onLocalMachine,
  validateNext,
} from '../commands.ts';
import { type Facts, reachableAgents } from '../facts.ts';
import { reinstallCommand, selinuxOptions } from '../reinstall-command.ts';

/** Whether each agent found a conntrack table, and the kernel uses it. */
export const conntrackTable: Check = {
  id: 'table',
  help: 'each agent found a conntrack table, and the kernel tracks connections',
  modes: ALL_MODES,
  find(facts) {
    const known = facts.agents.filter(({ info }) => info !== undefined);
    const without = known.filter(({ info }) => info?.unavailableReason !== undefined);
    const found = known.filter((agent) => !without.includes(agent));
    const garbled = found.filter((agent) => describeUnparsedTable(agent) !== undefined);
    const empty = found.filter((agent) => agent.flows === 0 && describeUnparsedTable(agent) === undefined);
    const findings = [
      ...without.map((agent) => missing(facts, agent)),
      ...garbled.map((agent) => failure(describeUnparsedTable(agent) ?? '', lookAgain(facts, agent))),
      ...found
        .filter((agent) => !garbled.includes(agent))
        .map(describeUnparsedLines)
        .filter((message) => message !== undefined)
        .map((message) => warning(message)),
      ...unused(facts, empty),
    ];
    const paths = [...new Set(found.map(({ info }) => info?.path).filter(Boolean))].join(', ');
    if (found.length > empty.length + garbled.length) findings.unshift(ok(`${paths} on ${onHowMany(found)}`));
    return findings;
  },
};

/** Counts nodes, not agents: a node may have several. */
function onHowMany(agents: readonly AgentState[]): string {
  const nodes = new Set(agents.map(({ node }) => node));
  return nodes.size === 1 ? [...nodes].join() : counted(nodes.size, 'node');
}

function missing(facts: Facts, agent: AgentState): Finding {
  const message = `${agent.node}: no conntrack table: ${agent.info?.unavailableReason}`;
  if (facts.mode === 'local') {
    const { machine, self } = facts;
    const [advice] = localHints([agent], machine);
    const next =
      machine.platform !== 'linux'
        ? undefined
        : machine.hasTable || !machine.isRoot
          ? locally(['sudo', ...self, '--local'])
          : locally(asRoot(facts, ['modprobe', 'nf_conntrack']));
    return failure(advice === undefined ? message : `${message}; ${advice}`, next);
  }
  const refusal = refusedBecause(facts, agent);
  if (refusal !== undefined)
    return failure(`${message}; ${refusal.message}`, reinstallCommand(facts, agent.namespace, refusal.options));
  return failure(message, commandOnNodes(facts, [agent], ['modprobe', 'nf_conntrack'], 'node'));
}

interface Refusal {
  readonly message: string;
  /** Options of the install that fixes it. */
  readonly options: readonly string[] | undefined;
}

function refusedBy(message: string, options?: readonly string[]): Refusal {
  return { message, options };
}

/** Why the kernel refuses to open an existing table: its file is 0440 root:root. */
function refusedBecause(facts: Facts, { info, namespace }: AgentState): Refusal | undefined {
  // What netlink requires is in its own message.
  const reason = info?.unavailableReason?.replaceAll('netlink: EPERM', '') ?? '';
  if (!/EACCES|EPERM/.test(reason) || facts.mode !== 'cluster') return undefined;
  const { group, hostUsers } = facts.cluster?.installs?.[namespace ?? ''] ?? {};
  if (hostUsers === false)
    return refusedBy(
      'its pod has a user namespace (hostUsers: false), where no group is the node’s group 0: that cannot work',
    );
  if (group !== undefined && group !== 0)
    return refusedBy(`its pod runs with group ${group}, and the table is for group 0 (runAsGroup: 0)`);
  const message = 'its pod runs with group 0, so SELinux may refuse it';
  const { nodes } = facts.cluster ?? {};
  const options = selinuxOptions(facts, 'spc_t');
  if (options.includes('--openshift')) return refusedBy(`${message} (OpenShift)`, options);
  const elsewhere = nodes === undefined ? '; on OpenShift install with --openshift in the place of --selinux-type' : '';
  return refusedBy(`${message} (RHEL, RKE2${elsewhere})`, options);
}

/** Removes the configured path, so that the agent finds the table itself. */
function lookAgain(facts: Facts, { node, namespace }: AgentState): NextCommands | undefined {
  const [unset, auto] = [['-u', 'CONNTRACK_PATH'], 'CONNTRACK_PATH=auto'];
  if (facts.mode === 'local') return locally(asRoot(facts, ['env', ...unset, ...facts.self, '--local']));
  if (facts.mode === 'endpoints') return onLocalMachine([node], ['sudo', 'env', ...unset, 'kflow-agent']);
  const daemonSet = facts.cluster?.installs?.[namespace ?? '']?.daemonSet;
  return validateNext([namespace, daemonSet], {
    commands: [['kubectl', 'set', 'env', '-n', namespace ?? '', `daemonset/${daemonSet}`, auto]],
    needs: [
      { verb: 'patch', resource: 'daemonsets', group: 'apps', ...(namespace === undefined ? {} : { namespace }) },
    ],
  });
}

function unused(facts: Facts, empty: readonly AgentState[]): Finding[] {
  if (empty.length === 0) return [];
  const nodes = listed(empty.map(({ node }) => node));
  const message = `${nodes}: the kernel tracks no connections, as no firewall rule asks for their state`;
  if (facts.mode === 'local') return [warning(message, locally(asRoot(facts, ['nft', TRACKING_RULES])))];
  return [warning(message, commandOnNodes(facts, empty, ['nft', 'list', 'ruleset'], 'node'))];
}

const HIGH_RATIO = 0.8;
const FULL_RATIO = 0.95;

export const tableFill: Check = {
  id: 'table-fill',
  help: 'how full the kernel’s table is: from 80% a warning, from 95% a failure',
  modes: ALL_MODES,
  find(facts) {
    const fills = reachableAgents(facts).flatMap((agent) => {
      const { node, namespace, info } = agent;
      const on = { node, ...(namespace === undefined ? {} : { namespace }) };
      const [entries, most, fill] = [entryCount(agent), info?.maxEntries, tableUsage(agent)];
      return entries === undefined || most === undefined || fill === undefined
        ? []
        : [{ on, node, entries, most, fill }];
    });
    const [fullest] = fills.toSorted((a, b) => b.fill - a.fill);
    if (fullest === undefined) return [];
    const high = fills.filter(({ fill }) => fill >= HIGH_RATIO);
    if (high.length === 0) return [ok(`at most ${formatPercent(fullest.fill)} of ${fullest.most} (${fullest.node})`)];
    return high.map(({ on, node, entries, most, fill }) => {
      const message = `${node}: ${formatPercent(fill)} of ${most} entries (${entries}); when it is full, new connections fail`;
      const next = commandOnNodes(
        facts,
        [on],
        ['sysctl', '-w', `net.netfilter.nf_conntrack_max=${most * 2}`],
        'busybox',
      );
      return (fill >= FULL_RATIO ? failure : warning)(message, next);
    });
  },
};
