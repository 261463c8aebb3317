import type { Snapshot } from '../../model/snapshot.ts';
import type { Message, SuggestedActionId } from '../state.ts';

/** What a console offers while it has nothing to show. */
export interface SuggestedAction {
  readonly id: SuggestedActionId;
  /** As people read it. */
  readonly key: string;
  /** What it does: "replay a recorded incident". */
  readonly label: string;
  /** Why it cannot be done here. Absent: it can. */
  readonly unavailable?: string;
  /** Asked before it is done. */
  readonly question?: string;
  /** The console ends for it. */
  readonly endsConsole: boolean;
  /** Does it and gives what to say of it; what it throws is shown. */
  readonly run: () => string;
}

export interface SuggestedActionResult {
  readonly message?: Message;
  /** To be asked, and then done if the answer is yes. */
  readonly question?: SuggestedAction;
  /** To be done at once. */
  readonly accepted?: SuggestedAction;
}

/** What the key of an offer does now. */
export function chooseSuggestedAction(
  id: SuggestedActionId,
  actions: readonly SuggestedAction[],
  snapshot: Snapshot,
): SuggestedActionResult {
  const action = actions.find((one) => one.id === id);
  if (action === undefined || snapshot.connections.length > 0) return info('only while there is nothing to show');
  if (action.unavailable !== undefined) return { message: { kind: 'error', text: action.unavailable } };
  return action.question === undefined ? { accepted: action } : { question: action };
}

/** A line that names the keys; empty when nothing can be offered. */
export function formatSuggestedActions(actions: readonly SuggestedAction[]): string {
  return actions
    .filter(({ unavailable }) => unavailable === undefined)
    .map(({ key, label }) => `\`${key}\` ${label}`)
    .join(' · ');
}

function info(text: string): SuggestedActionResult {
  return { message: { kind: 'info', text } };
}
