import type { AgentAbout } from '../../model.ts';
import { type Check, EVERYWHERE, type Finding, ok, warning } from '../check.ts';
import { answering } from '../facts.ts';
import { listed, onNodes } from '../next.ts';

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
