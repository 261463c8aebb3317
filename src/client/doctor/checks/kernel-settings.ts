import type { AgentAbout } from '../../model/agent.ts';
import { type Check, EVERYWHERE, type Finding, ok, warning } from '../check.ts';
import { listed, onNodes } from '../commands.ts';
import { answering } from '../facts.ts';

interface Setting {
  readonly id: string;
  readonly help: string;
  readonly about: 'accounting' | 'timestamping';
  readonly sysctl: string;
  readonly on: string;
  /** What is not there without it. */
  readonly off: string;
}

/** A switch of the kernel, as the agents tell it. */
export function settingCheck({ id, help, about, sysctl, on, off }: Setting): Check {
  return {
    id,
    help,
    places: EVERYWHERE,
    find(facts) {
      const known = answering(facts).filter((agent) => agent.about?.unavailableReason === undefined);
      const being = (value: AgentAbout['accounting']) => known.filter((agent) => agent.about?.[about] === value);
      const findings: Finding[] = [];
      const [isOff, isUnknown] = [being('off'), being('unknown')];
      if (isOff.length > 0)
        findings.push(
          warning(`off on ${names(isOff)}: ${off}`, onNodes(facts, isOff, ['sysctl', '-w', `${sysctl}=1`], 'busybox')),
        );
      if (isUnknown.length > 0)
        findings.push(
          warning(
            `not known on ${names(isUnknown)}: there is no connection to tell it by`,
            onNodes(facts, isUnknown, ['sysctl', sysctl], 'busybox'),
          ),
        );
      return findings.length === 0 && known.length > 0 ? [ok(on)] : findings;
    },
  };
}

function names(agents: readonly { readonly node: string }[]): string {
  return listed(agents.map(({ node }) => node));
}

export const accounting = settingCheck({
  id: 'accounting',
  help: 'the kernels count packets and bytes',
  about: 'accounting',
  sysctl: 'net.netfilter.nf_conntrack_acct',
  on: 'on: bytes and packets are counted',
  off: 'no bytes and no rates from there (once on, for connections made from then on)',
});

export const timestamps = settingCheck({
  id: 'timestamps',
  help: 'the kernels keep when a connection began',
  about: 'timestamping',
  sysctl: 'net.netfilter.nf_conntrack_timestamp',
  on: 'on: ages are those of the connections',
  off: 'ages count from when the agent first saw a connection',
});
