import { listSome } from '../format/list.ts';
import { isKubernetesName, NODE } from '../format/shell-command.ts';
import type { RequiredPermission } from '../kubernetes/permissions.ts';
import type { Facts } from './facts.ts';

/** What to type next. */
export interface NextCommands {
  /** Where, or by whom: "on node1". Absent: here. */
  readonly where?: string;
  /** Argument lists, to be run one after another. */
  readonly commands: readonly (readonly string[])[];
  /** Once for each of these: `NODE` stands for its name. */
  readonly nodes?: readonly string[];
  /** Without one of these permissions the command is an administrator's. */
  readonly needs: readonly RequiredPermission[];
}

/** `names`: those in the commands that a cluster or an agent reported. With one that no cluster would allow there is no command. */
export function validateNext(names: readonly (string | undefined)[], next: NextCommands): NextCommands | undefined {
  return names.every((name) => name !== undefined && isKubernetesName(name)) ? next : undefined;
}

/** Something that anybody may type here. */
export function locally(...commands: readonly (readonly string[])[]): NextCommands {
  return { commands, needs: [] };
}

/** On machines that this program does not reach. What an agent calls its machine is pasted with the command, so it is checked. */
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

/** How this program is called, as words: "kubectl kflow" are two. */
export function ownProgram({ name }: Facts): readonly string[] {
  return name.split(' ');
}

/** "node1, node2 and 5 more", each once. */
export function listed(names: readonly string[]): string {
  return listSome(inOrder(names));
}

/** "1 node", "3 agents" */
export function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`;
}

/** Of what runs on a node: its name, and the namespace in which a pod for it may be made. */
export interface OnNode {
  readonly node: string;
  readonly namespace?: string;
}

/**
 * How to run a command on these nodes: in a cluster from here, by a pod that shares the node's network, in the agents' own
 * namespace, which admits such pods. `tool`: whether it is busybox that has it, or the node itself.
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
  // A name that no node has is an agent's own word.
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
