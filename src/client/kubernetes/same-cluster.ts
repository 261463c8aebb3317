import { shellCommand } from '../format/shell-command.ts';
import type { KubeOptions } from './config.ts';

/**
 * Adapts a command so that it can be pasted in the user's shell: with the name of this program (`kubectl kflow` is two words), and for the
 * same cluster.
 */
export function commandAdapter(kube: KubeOptions) {
  const { program = 'kflow' } = kube;
  return (command: readonly string[]): readonly string[] => {
    const [first, ...rest] = command;
    return withKubeFlags(first === 'kflow' ? [...program.split(' '), ...rest] : command, kube);
  };
}

/** A command of this program, as text to paste. */
export function ownCommand(words: readonly string[], kube: KubeOptions): string {
  return shellCommand(commandAdapter(kube)(['kflow', ...words])).text;
}

/** Adds the options of this call (kubeconfig, context) to a command, so that it uses the same cluster. */
export function withKubeFlags(command: readonly string[], { kubeconfig, context }: KubeOptions): readonly string[] {
  const flags = [
    ...(kubeconfig === undefined ? [] : [`--kubeconfig=${kubeconfig}`]),
    ...(context === undefined ? [] : [`--context=${context}`]),
  ];
  const [first, second] = command;
  const own = first === 'kflow' ? 0 : second === 'kflow' ? 1 : undefined;
  // kflow's flags follow its command; kubectl's come first, as `--` may end them.
  if (own !== undefined) return insert(command, own + 2, usesCluster(command) ? flags : []);
  if (first !== 'kubectl') return command;
  // `get-contexts` reads the file only, so it needs no context.
  return insert(command, 1, second === 'config' ? flags.filter((flag) => !flag.startsWith('--context=')) : flags);
}

function usesCluster(command: readonly string[]): boolean {
  return !command.includes('--local') && !command.includes('--endpoints');
}

function insert(command: readonly string[], at: number, words: readonly string[]): readonly string[] {
  return [...command.slice(0, at), ...words, ...command.slice(at)];
}
