import type { AgentInfo } from '../../model/agent.ts';
import { ALL_MODES, type Check, type Finding, ok, warning } from '../check.ts';
import { commandOnNodes, listed } from '../commands.ts';
import { reachableAgents } from '../facts.ts';

interface Setting {
  readonly id: string;
  readonly help: string;
  readonly about: 'accounting' | 'timestamping';
  readonly sysctl: string;
  readonly on: string;
  /** What is missing while it is off. */
  readonly off: string;
}

/** A kernel setting, as the agents report it. */
export function kernelSettingCheck({ id, help, about: info, sysctl, on, off }: Setting): Check {
  return {
    id,
    help,
    modes: ALL_MODES,
    find(facts) {
      const known = reachableAgents(facts).filter((agent) => agent.info?.unavailableReason === undefined);
      const being = (value: AgentInfo['accounting']) => known.filter((agent) => agent.info?.[info] === value);
      const findings: Finding[] = [];
      const [isOff, isUnknown] = [being('off'), being('unknown')];
      if (isOff.length > 0)
        findings.push(
          warning(
            `off on ${names(isOff)}: ${off}`,
            commandOnNodes(facts, isOff, ['sysctl', '-w', `${sysctl}=1`], 'busybox'),
          ),
        );
      if (isUnknown.length > 0)
        findings.push(
          warning(
            `not known on ${names(isUnknown)}: there is no connection to tell it by`,
            commandOnNodes(facts, isUnknown, ['sysctl', sysctl], 'busybox'),
          ),
        );
      return findings.length === 0 && known.length > 0 ? [ok(on)] : findings;
    },
  };
}

function names(agents: readonly { readonly node: string }[]): string {
  return listed(agents.map(({ node }) => node));
}

export const accounting = kernelSettingCheck({
  id: 'accounting',
  help: 'the kernels count packets and bytes',
  about: 'accounting',
  sysctl: 'net.netfilter.nf_conntrack_acct',
  on: 'on: bytes and packets are counted',
  off: 'no bytes and no rates from there (once on, for connections made from then on)',
});

export const timestamps = kernelSettingCheck({
  id: 'timestamps',
  help: 'the kernels keep when a connection began',
  about: 'timestamping',
  sysctl: 'net.netfilter.nf_conntrack_timestamp',
  on: 'on: ages are those of the connections',
  off: 'ages count from when the agent first saw a connection',
});
