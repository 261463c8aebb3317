import { adviseLocal, TRACK_COMMAND } from '../../discover/advice.ts';
import type { AgentState } from '../../model.ts';
import { nothingUnderstood } from '../../table/unread-lines.ts';
import { type Check, EVERYWHERE, type Finding, failure, ok, warning } from '../check.ts';
import type { Facts } from '../facts.ts';
import { installAgain } from '../install-again.ts';
import { namespaceOf, nodesOf, onNodes } from '../on-node.ts';

/** Whether each agent found a conntrack table, and the kernel uses it. */
export const table: Check = {
  id: 'table',
  help: 'each agent found a conntrack table, and the kernel tracks connections',
  places: EVERYWHERE,
  find(facts) {
    const known = facts.agents.filter(({ about }) => about !== undefined);
    const without = known.filter(({ about }) => about?.unavailableReason !== undefined);
    const found = known.filter((agent) => !without.includes(agent));
    const garbled = found.map(nothingUnderstood).filter((words) => words !== undefined);
    const empty = found.filter((agent) => agent.flows === 0 && nothingUnderstood(agent) === undefined);
    const findings = [
      ...without.map((agent) => missing(facts, agent)),
      ...garbled.map((words) => failure(words, 'unset CONNTRACK_PATH, so that it is looked for')),
      ...unused(facts, empty),
    ];
    const paths = [...new Set(found.map(({ about }) => about?.path).filter(Boolean))].join(', ');
    if (found.length > empty.length + garbled.length)
      findings.unshift(ok(`${paths} on ${found.length === 1 ? nodesOf(found) : `${found.length} nodes`}`));
    return findings;
  },
};

function missing(facts: Facts, agent: AgentState): Finding {
  const words = `${agent.node}: no conntrack table: ${agent.about?.unavailableReason}`;
  if (facts.place === 'local') {
    const advice = adviseLocal([agent], facts.machine)[0] ?? '';
    return failure(`${words}; ${advice}`, commandIn(advice));
  }
  const load = onNodes(facts, [agent.node], 'modprobe nf_conntrack', 'node');
  const namespace = namespaceOf([agent]);
  const elsewhere =
    namespace === undefined
      ? ''
      : `   # or, where it is elsewhere: ${installAgain(facts, namespace, ' --conntrack PATH')}`;
  return failure(words, load + elsewhere);
}

function unused(facts: Facts, empty: readonly AgentState[]): Finding[] {
  if (empty.length === 0) return [];
  const words = `${nodesOf(empty)}: the kernel tracks no connections, as no firewall rule asks for their state`;
  if (facts.place === 'local') return [warning(words, TRACK_COMMAND)];
  return [
    warning(
      words,
      onNodes(
        facts,
        empty.map(({ node }) => node),
        'nft list ruleset',
        'node',
      ),
    ),
  ];
}

/** Advice has its command in backticks. */
function commandIn(advice: string): string | undefined {
  return /`([^`]+)`/.exec(advice)?.[1];
}
