import type { AgentState } from '../../model.ts';
import { type Check, EVERYWHERE, type Finding, failure, ok, warning } from '../check.ts';
import type { Facts } from '../facts.ts';
import { listed, namespaceOf } from '../on-node.ts';

export const agents: Check = {
  id: 'agents',
  help: 'there is one on every node, only one, and it answers',
  places: EVERYWHERE,
  find(facts) {
    const { agents: known, cluster, place, problem } = facts;
    if (cluster !== undefined && cluster.serverVersion === undefined) return [];
    if (known.length === 0) {
      const into = facts.namespace === undefined ? '' : ` -n ${facts.namespace}`;
      return [failure(problem ?? 'there are no agents', `${facts.name} install${into} --wait`)];
    }
    const live = known.filter(({ status }) => status.kind === 'live');
    // Whose table cannot be read is the concern of another check.
    const away = known.filter(({ status, about }) => status.kind !== 'live' && about?.unavailableReason === undefined);
    const findings = away.map((agent) => absent(facts, agent, live.length === 0));
    if (place === 'cluster') findings.push(...uncovered(facts), ...doubled(facts));
    return findings.length > 0 ? findings : [ok(live.length === 1 ? 'it answers' : `all ${live.length} answer`)];
  },
};

function absent({ place, name }: Facts, { node, namespace, pod, status }: AgentState, isAll: boolean): Finding {
  const why = 'reason' in status ? `${status.kind}: ${status.reason}` : 'no answer yet';
  const next =
    place === 'cluster'
      ? `kubectl -n ${namespace} describe pod ${pod}; kubectl -n ${namespace} logs ${pod} --tail=20`
      : place === 'local'
        ? `KFLOW_DEBUG=1 npx kflow-agent`
        : `${name} agents --endpoints ${node} --request-timeout 30s`;
  return (isAll ? failure : warning)(`${node}: ${why}`, next);
}

/** Nodes that no agent speaks for. */
function uncovered({ cluster, agents }: Facts): Finding[] {
  const known = new Set(agents.map(({ node }) => node));
  const without = (cluster?.nodes ?? []).filter((node) => !known.has(node));
  if (without.length === 0) return [];
  const namespace = namespaceOf(agents);
  return [warning(`no agent on ${listed(without)}`, `kubectl -n ${namespace} get daemonset,pods -o wide`)];
}

/** Two agents of one node show its connections once, but cost twice. */
function doubled({ agents, name }: Facts): Finding[] {
  const namespaces = [...new Set(agents.map(({ namespace }) => namespace))];
  const nodes = agents.map(({ node }) => node);
  const twice = nodes.filter((node, index) => nodes.indexOf(node) !== index);
  if (twice.length === 0 || namespaces.length < 2) return [];
  return [
    warning(
      `${listed(twice)}: more than one agent, in namespaces ${namespaces.join(', ')}`,
      `${name} uninstall -n ${namespaces.at(-1)}`,
    ),
  ];
}
