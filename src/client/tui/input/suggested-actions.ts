import type { Snapshot } from '../../model/snapshot.ts';
import type { Message, SuggestedActionId } from '../state.ts';

/** An action that the console suggests while it has nothing to show. */
export interface SuggestedAction {
  readonly id: SuggestedActionId;
  /** Its key, for the help. */
  readonly key: string;
  /** A description: "replays a recorded incident". */
  readonly label: string;
  /** Why it is not available. Absent: it is. */
  readonly unavailable?: string;
  /** A question to confirm before it runs. */
  readonly question?: string;
  /** The console ends when it is chosen. */
  readonly endsConsole: boolean;
  /** Runs it and returns a message; an error is shown. */
  readonly run: () => string;
}

export interface SuggestedActionResult {
  readonly message?: Message;
  /** Ask its question, and run it if the answer is yes. */
  readonly question?: SuggestedAction;
  /** Run it now. */
  readonly accepted?: SuggestedAction;
}

/** What the key of a suggested action does now. */
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

/** A line with the keys; empty if no action is available. */
export function formatSuggestedActions(actions: readonly SuggestedAction[]): string {
  return actions
    .filter(({ unavailable }) => unavailable === undefined)
    .map(({ key, label }) => `\`${key}\` ${label}`)
    .join(' · ');
}

function info(text: string): SuggestedActionResult {
  return { message: { kind: 'info', text } };
}
