import { shellCommand } from '../format/shell-command.ts';
import type { KubeOptions } from './config.ts';

/**
 * Makes a command one to paste where this program was started: by the name of this program (`kubectl kflow` are two words), and of the
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

/** Makes a command go to the cluster that was asked about: what was given here is given there. */
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
  // Which contexts there are is asked of the file; a context is no part of that question.
  return insert(command, 1, second === 'config' ? flags.filter((flag) => !flag.startsWith('--context=')) : flags);
}

function usesCluster(command: readonly string[]): boolean {
  return !command.includes('--local') && !command.includes('--endpoints');
}

function insert(command: readonly string[], at: number, words: readonly string[]): readonly string[] {
  return [...command.slice(0, at), ...words, ...command.slice(at)];
}
