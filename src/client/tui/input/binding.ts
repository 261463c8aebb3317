import type { ViewId } from '../state.ts';

export interface Binding {
  /** As the decoder names keys ("C-d", "pagedown"); a sequence has a space ("g g"). */
  readonly keys: readonly string[];
  /** As people read them. */
  readonly label: string;
  /** What `HANDLERS` or `EFFECTS` of update.ts have for it. */
  readonly action: string;
  readonly help: string;
  readonly section: 'Move' | 'Sort' | 'Filter' | 'Display' | 'Actions' | 'Recording' | 'Views';
  /** In the footer while a recording is played, before the others. */
  readonly replayHint?: { readonly playing: string; readonly paused?: string; readonly ended?: string };
  /** In the footer of these views, in this order. */
  readonly hint?: { readonly text: string; readonly frozen?: string; readonly views: readonly ViewId[] };
}
