import { concat, NEVER, of } from 'rxjs';
import { cleanText, sentence } from '../format/sanitize.ts';
import type { AgentTarget, Discovery } from './target.ts';

/** A list that does not change. */
export function fixedDiscovery(targets: readonly AgentTarget[]): Discovery {
  const origin = targets.length === 1 ? cleanText(targets[0]?.key ?? '') : sentence`${targets.length} endpoints`;
  return { origin, discovered$: concat(of({ targets }), NEVER) };
}
