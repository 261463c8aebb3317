import type { NextCommands } from './commands.ts';
import type { Facts, SessionMode } from './facts.ts';

export type Level = 'ok' | 'warning' | 'failure';

/** What a check found: of everything, or of some nodes. */
export interface Finding {
  readonly level: Level;
  readonly message: string;
  /** What to type next, so that it can be pasted. */
  readonly command?: NextCommands;
}

/** One thing that may be wrong. Pure: it looks at facts that were gathered before. */
export interface Check {
  /** "table-fill": how JSON names it. */
  readonly id: string;
  /** What it looks at. */
  readonly help: string;
  /** Where it makes sense. */
  readonly modes: readonly SessionMode[];
  /** None: another check has said why there is nothing to look at. */
  find(facts: Facts): readonly Finding[];
}

export const ALL_MODES: readonly SessionMode[] = ['cluster', 'local', 'endpoints'];

export function ok(message: string): Finding {
  return { level: 'ok', message };
}

export function warning(message: string, command?: NextCommands): Finding {
  return { level: 'warning', message, ...(command === undefined ? {} : { command }) };
}

export function failure(message: string, command?: NextCommands): Finding {
  return { level: 'failure', message, ...(command === undefined ? {} : { command }) };
}
