import type { Command } from 'commander';
import { bash } from './bash.ts';
import { commandTree } from './command-tree.ts';
import { fish } from './fish.ts';
import type { Shell } from './shells.ts';
import { zsh } from './zsh.ts';

const RENDERERS = { bash, zsh, fish } as const;
/** Names that the program is called by. `kubectl kflow` is completed by kubectl, which asks nobody. */
const PROGRAMS = ['kflow', 'kubectl-kflow'];

/** A script for a shell, made from the program itself. */
export function completionScript(shell: Shell, program: Command): string {
  return RENDERERS[shell](commandTree(program, 'kflow'), PROGRAMS);
}
