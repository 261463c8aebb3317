import { listSome } from '../format/list.ts';
import { isKubernetesName, NODE } from '../format/shell-command.ts';
import type { RequiredPermission } from '../kubernetes/permissions.ts';
import type { Facts } from './facts.ts';

/** What to type next. */
export interface NextCommands {
  /** Where to run them: "on node1". Absent: here. */
  readonly where?: string;
  /** Argument lists of the commands, in order. */
  readonly commands: readonly (readonly string[])[];
  /** Run the commands once for each of these nodes; `NODE` is replaced by its name. */
  readonly nodes?: readonly string[];
  /** A user without these permissions has to ask an administrator. */
  readonly needs: readonly RequiredPermission[];
}

/** `names`: names in the commands that come from a cluster or an agent. If Kubernetes does not allow one, there is no command. */
export function validateNext(names: readonly (string | undefined)[], next: NextCommands): NextCommands | undefined {
  return names.every((name) => name !== undefined && isKubernetesName(name)) ? next : undefined;
}

/** Commands on this machine that need no permission. */
export function locally(...commands: readonly (readonly string[])[]): NextCommands {
  return { commands, needs: [] };
}

/** Commands for machines that this program does not reach. The machine's name comes from an agent and is pasted too, so it is checked. */
export function onLocalMachine(names: readonly string[], ...commands: readonly (readonly string[])[]): NextCommands {
  const where = names.every(isKubernetesName)
    ? listed(names)
    : `the agent’s ${names.length === 1 ? 'machine' : 'machines'}`;
  return { where: `on ${where}`, commands, needs: [] };
}

/** As root on this machine. */
export function asRoot({ machine }: Facts, command: readonly string[]): readonly string[] {
  return machine.isRoot ? command : ['sudo', ...command];
}

/** The arguments that call this program: two for "kubectl kflow". */
export function ownProgram({ name }: Facts): readonly string[] {
  return name.split(' ');
}

/** "node1, node2 and 5 more", without duplicates. */
export function listed(names: readonly string[]): string {
  return listSome(inOrder(names));
}

/** "1 node", "3 agents" */
export function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`;
}

/** A node's name, and the namespace in which a pod for it can be created. */
export interface OnNode {
  readonly node: string;
  readonly namespace?: string;
}

/**
 * How to run a command on these nodes: in a cluster from here, in a pod that shares the node's network, in the agents'
 * namespace, which admits such pods. `tool`: whether busybox provides the command, or the node itself.
 */
export function commandOnNodes(
  facts: Facts,
  on: readonly OnNode[],
  command: readonly string[],
  tool: 'busybox' | 'node',
) {
  const nodes = inOrder(on.map(({ node }) => node));
  if (facts.mode === 'local') return locally(asRoot(facts, command));
  if (facts.mode === 'endpoints') return onLocalMachine(nodes, ['sudo', ...command]);
  const namespace = on.find((one) => one.namespace !== undefined)?.namespace;
  // A name that no node has is only an agent's claim.
  const known = facts.cluster?.nodes;
  if (known !== undefined && !nodes.every((node) => known.some(({ name }) => name === node))) return undefined;
  const inside = tool === 'node' ? ['chroot', '/host', ...command] : command;
  const pod = ['-n', namespace ?? '', '-it', '--image=busybox', '--profile=sysadmin', '--', ...inside];
  return validateNext([...nodes, namespace], {
    commands: [['kubectl', 'debug', `node/${NODE}`, ...pod]],
    nodes,
    needs: [
      { verb: 'get', resource: 'nodes' },
      { verb: 'create', resource: 'pods', ...(namespace === undefined ? {} : { namespace }) },
    ],
  });
}

function inOrder(names: readonly string[]): readonly string[] {
  return [...new Set(names)].sort((a, b) => a.localeCompare(b, 'en', { numeric: true }));
}
