import { plain } from '../text/plain.ts';
import { OTHERS } from './fold.ts';
import { OUTSIDE } from './grouping.ts';

/** A box's name as people read it; of the others, with how many they are. */
export function shownName(name: string, folded?: number): string {
  if (name === OTHERS) return folded === undefined ? 'others' : `others (${folded})`;
  return name === OUTSIDE ? 'outside' : plain(name);
}
