import type { Next } from './commands.ts';
import type { Facts, Place } from './facts.ts';

export type Level = 'ok' | 'warning' | 'failure';

/** What a check found: of everything, or of some nodes. */
export interface Finding {
  readonly level: Level;
  readonly words: string;
  /** What to type next, so that it can be pasted. */
  readonly next?: Next;
}

/** One thing that may be wrong. Pure: it looks at facts that were gathered before. */
export interface Check {
  /** "table-fill": how JSON names it. */
  readonly id: string;
  /** What it looks at. */
  readonly help: string;
  /** Where it makes sense. */
  readonly places: readonly Place[];
  /** None: another check has told why there is nothing to look at. */
  find(facts: Facts): readonly Finding[];
}

export const EVERYWHERE: readonly Place[] = ['cluster', 'local', 'endpoints'];

export function ok(words: string): Finding {
  return { level: 'ok', words };
}

export function warning(words: string, next?: Next): Finding {
  return { level: 'warning', words, ...(next === undefined ? {} : { next }) };
}

export function failure(words: string, next?: Next): Finding {
  return { level: 'failure', words, ...(next === undefined ? {} : { next }) };
}
