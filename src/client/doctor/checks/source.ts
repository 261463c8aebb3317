import { type Check, type Finding, ok, warning } from '../check.ts';
import { listed } from '../commands.ts';
import { reinstallCommand, selinuxOptions } from '../reinstall-command.ts';
import { findSourceGains } from '../source-gains.ts';

/** Whether the nodes' kernels suit the way in which the agents read the table. */
export const source: Check = {
  id: 'source',
  help: 'the nodes’ kernels suit the way in which the agents read the table: procfs or netlink',
  modes: ['cluster'],
  find(facts) {
    // An agent without a table is one that cannot be watched.
    const agents = facts.agents.filter(({ info }) => info !== undefined);
    // That accounting is off is a check of its own.
    const gains = findSourceGains(agents, facts.cluster?.nodes).filter(({ kind }) => kind !== 'accounting');
    const findings = gains.map(({ node, reason }): Finding => {
      const namespace = agents.find((agent) => agent.node === node)?.namespace;
      const selinux = selinuxOptions(facts, facts.cluster?.installs?.[namespace ?? '']?.selinuxType);
      const netlink = reinstallCommand(facts, namespace, [...selinux, '--source', 'netlink']);
      return warning(`${node}: ${reason}; netlink reads it, by a second pod per node with NET_ADMIN`, netlink);
    });
    if (findings.length > 0) return findings;
    const chosen = new Set(
      agents.flatMap(({ info }) => {
        if (info === undefined || info.unavailableReason !== undefined) return [];
        return info.sourceReason === undefined ? info.source : `${info.source} (${info.sourceReason})`;
      }),
    );
    return chosen.size === 0 ? [] : [ok(listed([...chosen]))];
  },
};
