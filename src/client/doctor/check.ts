import type { NextCommands } from './commands.ts';
import type { Facts, SessionMode } from './facts.ts';

export type Level = 'ok' | 'warning' | 'failure';

/** The result of a check: for the whole cluster, or for some nodes. */
export interface Finding {
  readonly level: Level;
  readonly message: string;
  /** What to type next, ready to paste. */
  readonly command?: NextCommands;
}

/** One thing that may be wrong. Pure: it only uses facts that were collected before. */
export interface Check {
  /** The name in JSON: "table-fill". */
  readonly id: string;
  /** What it looks at. */
  readonly help: string;
  /** The modes in which it applies. */
  readonly modes: readonly SessionMode[];
  /** Empty: another check reports why there is nothing to check. */
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
