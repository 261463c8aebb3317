import type { Command } from 'commander';
import { bash } from './bash.ts';
import { commandTree } from './command-tree.ts';
import { fish } from './fish.ts';
import type { Shell } from './shells.ts';
import { zsh } from './zsh.ts';

const RENDERERS = { bash, zsh, fish } as const;
/** The names of the program. kubectl completes `kubectl kflow` itself. */
const PROGRAMS = ['kflow', 'kubectl-kflow'];

/** Builds a shell's completion script from the program itself. */
export function completionScript(shell: Shell, program: Command): string {
  return RENDERERS[shell](commandTree(program, 'kflow'), PROGRAMS);
}
