import { type Check, failure, ok } from '../check.ts';
import { counted, type NextCommands, validateNext } from '../commands.ts';
import type { NodeFacts } from '../facts.ts';

/** Kubernetes' own view of the nodes: on a node that is not ready, the agent cannot be ready either. */
export const nodes: Check = {
  id: 'nodes',
  help: 'the nodes are ready: kubelet and container runtime run',
  modes: ['cluster'],
  find({ cluster }) {
    const known = cluster?.nodes;
    if (known === undefined || known.length === 0) return [];
    const away = known.filter(({ notReady }) => notReady !== undefined);
    if (away.length === 0)
      return [ok(known.length === 1 ? 'the node is ready' : `all ${known.length} nodes are ready`)];
    return [
      ...(away.length < known.length
        ? [ok(`${known.length - away.length} of ${counted(known.length, 'node')} are ready`)]
        : []),
      ...away.map((node) => failure(`${node.name}: not ready: ${describeCause(node)}`, suggestRepair(node))),
    ];
  },
};

/** The systemd service of each container runtime. */
const RUNTIMES: Readonly<Record<string, string>> = { containerd: 'containerd', 'cri-o': 'crio', docker: 'docker' };

function describeCause(node: NodeFacts): string {
  const { reason, message } = node.notReady ?? { reason: '', message: '' };
  if (isSilent(node)) return 'its kubelet does not report: it has stopped, or the machine is off or cut off';
  if (isRuntimeDown(node)) return `its container runtime does not answer: ${message}`;
  return [reason, message].filter(Boolean).join(': ');
}

/** The most useful command. If the kubelet has stopped, it must be run on the node itself, because nothing else replies there. */
export function suggestRepair(node: NodeFacts): NextCommands | undefined {
  if (isSilent(node)) return onTheNode(node, 'kubelet');
  const runtime = RUNTIMES[/^([a-z-]+):/.exec(node.runtime ?? '')?.[1] ?? ''];
  if (isRuntimeDown(node) && runtime !== undefined) return onTheNode(node, runtime);
  return validateNext([node.name], {
    commands: [['kubectl', 'describe', 'node', node.name]],
    needs: [{ verb: 'get', resource: 'nodes' }],
  });
}

function onTheNode({ name }: NodeFacts, service: string): NextCommands | undefined {
  return validateNext([name], {
    where: `on ${name}`,
    commands: [
      ['sudo', 'systemctl', 'restart', service],
      ['sudo', 'systemctl', 'status', '--no-pager', service],
    ],
    needs: [],
  });
}

/** The node has stopped reporting its status. */
function isSilent({ notReady }: NodeFacts): boolean {
  return notReady?.reason === 'NodeStatusUnknown' || /stopped posting node status/i.test(notReady?.message ?? '');
}

function isRuntimeDown({ notReady }: NodeFacts): boolean {
  return /container runtime (is down|status check|network not ready.*connection refused)|connection refused.*\.sock|dial unix .*\.sock/i.test(
    notReady?.message ?? '',
  );
}
