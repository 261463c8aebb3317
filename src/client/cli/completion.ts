import type { Command } from 'commander';
import { bash } from './completion/bash.ts';
import { fish } from './completion/fish.ts';
import { grammar } from './completion/grammar.ts';
import type { Shell } from './completion/shells.ts';
import { zsh } from './completion/zsh.ts';

const RENDERERS = { bash, zsh, fish } as const;
/** Names that the program is called by. `kubectl kflow` is completed by kubectl, which asks nobody. */
const PROGRAMS = ['kflow', 'kubectl-kflow'];

/** A script for a shell, made from the program itself. */
export function completionScript(shell: Shell, program: Command): string {
  return RENDERERS[shell](grammar(program, 'kflow'), PROGRAMS);
}
